using System.Globalization;
using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Watch;

/// <summary>
/// Each state as lines for programs: time, what the line is about, and words of the form <c>name=value</c>. One line for the shard, then
/// one for each party; a <c>-</c> is what nobody has told.
/// </summary>
internal sealed class LineView(Action<string> write) : IWatchView
{
    public void Show(WatchState state)
    {
        var text = new StringBuilder();
        string time = state.Time.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
        if (state.Unanswered is { } unanswered)
        {
            Line("shard", ("root", state.Root), ("unanswered", Seconds(unanswered)));
        }
        else if (state.Failure is { } failure)
        {
            Line("shard", ("root", state.Root), ("failure", failure));
        }
        else
        {
            Line("shard", ("root", state.Root), ("phase", state.Phase.ToString().ToLowerInvariant()), ("for", Seconds(state.PhaseFor)),
                ("relaxed", Number(state.CountOf(PartyState.Relaxed))), ("strict", Number(state.CountOf(PartyState.Strict))),
                ("silent", Number(state.CountOf(PartyState.Silent))), ("migrators", Number(state.CountOf(PartyState.Migrator))),
                ("blocking", Number(state.Rows.Count(static row => row.InTheWay is not null))));
            foreach (WatchRow row in state.Rows)
                Line(row.Party.IsMigrator ? "migrator" : "node", [.. Facts(row)]);
        }
        write(text.ToString());

        void Line(string about, params ReadOnlySpan<(string Name, string Value)> words)
        {
            text.Append(time).Append(' ').Append(about);
            foreach ((string name, string value) in words)
                text.Append(' ').Append(name).Append('=').Append(value.Length == 0 ? "-" : Word(value));
            text.Append('\n');
        }
    }

    public void Dispose()
    {
    }

    private static IEnumerable<(string Name, string Value)> Facts(WatchRow row)
    {
        NodeInfo party = row.Party;
        yield return ("id", party.Id);
        yield return ("host", party.Host ?? "");
        yield return ("pid", Number(party.ProcessId));
        yield return ("process", party.ProcessName ?? "");
        yield return ("state", row.State.ToString().ToLowerInvariant());
        yield return ("blocking", row.InTheWay is { } time ? Seconds(time) : "");
        if (party.IsMigrator)
        {
            yield return ("files", Number(party.Handover?.Files));
            yield return ("done", Number(party.Handover?.Done));
            yield return ("bytes", Number(party.Handover?.Bytes));
            yield break;
        }
        yield return ("reason", party.Reason?.ToString() ?? "");
        yield return ("polls", Number(party.Polls));
        yield return ("hits", Number(party.Counters?.Hits));
        yield return ("misses", Number(party.Counters?.Misses));
        yield return ("looks", Number(party.Counters?.Looks));
        yield return ("open", Number(party.Counters?.Open));
        yield return ("recalls", Number(party.Counters?.Recalls));
        yield return ("recalling", Number(party.Counters?.Recalling));
        yield return ("recalled", Number(party.Counters?.RecalledBytes));
        yield return ("through", Number(party.Counters?.ReadThroughs));
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Without white space, so that words stay words.</summary>
    private static string Word(string value) => Text.OneLine(value).Replace(" ", "\\x20", StringComparison.Ordinal);
}
