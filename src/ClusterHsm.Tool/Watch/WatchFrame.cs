using System.Globalization;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Watch;

/// <summary>Draws a state for a terminal of a certain size. Depends on nothing else.</summary>
internal static class WatchFrame
{
    private const string Gap = "  ";

    // What who and note have at least where there is room for both, and what they are left before another column gets its place.
    private const int LeastWho = 13, LeastNote = 14, FairWho = 20, FairNote = 16;

    /// <summary>In their order on the screen; the lower the rank, the sooner one gets its place. The last two, who and note, are always there.</summary>
    private static readonly Column[] Table =
    [
        new("STATE", 8, 0, static row => row.State.ToString().ToLowerInvariant(), IsNumber: false),
        new("OPENS/S", 7, 1, static row => row.Rates is { } rates ? Text.Short(rates.Opens) : "-"),
        new("HIT%", 5, 2, static row => row.Rates?.HitShare is { } share ? (share * 100).ToString("0.0", CultureInfo.InvariantCulture) : "-"),
        new("HITS", 5, 8, static row => Of(row, row.Party.Counters?.Hits)),
        new("MISSES", 6, 6, static row => Of(row, row.Party.Counters?.Misses)),
        new("LOOKS", 5, 7, static row => Of(row, row.Party.Counters?.Looks)),
        new("OPEN", 5, 5, static row => Of(row, row.Party.Counters?.Open)),
        new("RECALLS", 7, 4, static row => Of(row, row.Party.Counters?.Recalls)),
        new("NOW", 4, 3, static row => Of(row, row.Party.Counters?.Recalling)),
        new("RECALLED", 10, 9, static row => row.Party.Counters is { } counters ? Text.Bytes(counters.RecalledBytes) : "-"),
        new("THROUGH", 7, 10, static row => Of(row, row.Party.Counters?.ReadThroughs)),
        new("POLLS", 5, 11, static row => Of(row, row.Party.IsMigrator ? null : row.Party.Polls)),
    ];

    /// <returns>Lines, none wider than <paramref name="width"/> less one, and fewer than <paramref name="height"/>.</returns>
    public static IReadOnlyList<string> Draw(WatchState state, int width, int height)
    {
        // A line that fills the last column may be wrapped, and a frame that fills the last row scrolls: neither could be drawn over.
        int columns = Math.Max(1, width - 1), rows = Math.Max(1, height - 1);
        List<string> lines =
        [
            $"{Text.OneLine(state.Root)}{Gap}{state.Time.ToUniversalTime():u}",
            WatchWords.Parties(state),
            WatchWords.Migration(state),
            WatchWords.Work(state),
        ];
        if (WatchWords.Trouble(state) is { } trouble)
            lines.Add(trouble);
        lines.Add("");
        if (state.Rows.Count == 0)
            lines.Add("nobody is on the shard");
        else
            AddTable(lines, state, columns, rows);
        return [.. lines.Take(rows).Select(line => Columns.Fit(line, columns).TrimEnd())];
    }

    private static void AddTable(List<string> lines, WatchState state, int columns, int rows)
    {
        string[] who = [.. state.Rows.Select(static row => WatchWords.Who(row.Party))];
        string[] notes = [.. state.Rows.Select(row => WatchWords.Note(row, state.Phase))];
        (Column[] shown, int rest) = Choose(columns);
        (int whoWidth, int noteWidth) = Share(rest - Gap.Length, WidestOf(who, "WHO"), WidestOf(notes, ""));
        lines.Add(Line(static column => column.Heading, "WHO", ""));
        bool allFit = lines.Count + state.Rows.Count <= rows;
        int fitting = allFit ? state.Rows.Count : Math.Max(0, rows - lines.Count - 1);
        for (int i = 0; i < fitting; i++)
        {
            WatchRow row = state.Rows[i];
            lines.Add(Line(column => column.Value(row), who[i], notes[i]));
        }
        if (!allFit)
            lines.Add($"and {state.Rows.Count - fitting} more");

        string Line(Func<Column, string> cell, string whoCell, string noteCell) =>
            string.Join(Gap, shown.Select(column => Columns.Pad(cell(column), column.Width, column.IsNumber))
                .Append(Columns.Pad(whoCell, whoWidth)).Append(Columns.Fit(noteCell, noteWidth)));
    }

    /// <summary>The columns that have room, and the room that is left for who and note.</summary>
    private static (Column[] Shown, int Room) Choose(int columns)
    {
        int left = columns - FairWho - Gap.Length - FairNote;
        HashSet<Column> chosen = [];
        foreach (Column column in Table.OrderBy(static column => column.Rank))
        {
            if (column.Rank > 0 && column.Width + Gap.Length > left)
                break;
            left -= column.Width + Gap.Length;
            chosen.Add(column);
        }
        return ([.. Table.Where(chosen.Contains)], left + FairWho + Gap.Length + FairNote);
    }

    /// <summary>As much as each can use; where that is too much, the note gives way first, down to its least.</summary>
    private static (int Who, int Note) Share(int room, int who, int note)
    {
        if (who + note <= room)
            return (who, note);
        int noteWidth = Math.Min(note, Math.Max(Math.Min(LeastNote, room - LeastWho), room - who));
        return (Math.Max(0, Math.Min(who, room - noteWidth)), noteWidth);
    }

    private static int WidestOf(string[] texts, string heading) => Math.Max(heading.Length, texts.Max(Columns.WidthOf));

    private static string Of(WatchRow row, long? count) => count is { } number && row.State != PartyState.Unknown ? Text.Short(number) : "-";

    private sealed record Column(string Heading, int Width, int Rank, Func<WatchRow, string> Value, bool IsNumber = true);
}
