using System.Text.Json;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Watch;

/// <summary>Each state as a JSON object on a line of its own.</summary>
internal sealed class JsonView(Action<ReadOnlyMemory<byte>> write) : IWatchView
{
    public void Show(WatchState state)
    {
        using MemoryStream text = new();
        using (JsonLines lines = new(text))
            lines.Write(line => Write(line, state));
        write(text.GetBuffer().AsMemory(0, (int)text.Length));
    }

    public void Dispose()
    {
    }

    private static void Write(Utf8JsonWriter line, WatchState state)
    {
        line.WriteString("time", state.Time.ToUniversalTime());
        line.WriteName("root", state.Root);
        line.WriteName("failure", state.Failure);
        WriteSeconds(line, "unansweredSeconds", state.Unanswered);
        line.WriteString("phase", state.Phase.ToString().ToLowerInvariant());
        WriteSeconds(line, "phaseSeconds", state.PhaseFor);
        line.WriteStartArray("parties");
        foreach (WatchRow row in state.Rows)
        {
            line.WriteStartObject();
            NodeJson.Write(line, row.Party);
            line.WriteString("state", row.State.ToString().ToLowerInvariant());
            WriteSeconds(line, "unchangedSeconds", row.Unchanged);
            WriteSeconds(line, "blockingSeconds", row.InTheWay);
            Write(line, row.Rates);
            line.WriteEndObject();
        }
        line.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter line, WatchRates? told)
    {
        line.WritePropertyName("perSecond");
        if (told is not { } rates)
        {
            line.WriteNullValue();
            return;
        }
        line.WriteStartObject();
        line.WriteNumber("hits", Rounded(rates.Hits));
        line.WriteNumber("misses", Rounded(rates.Misses));
        line.WriteNumber("looks", Rounded(rates.Looks));
        line.WriteNumber("recalledBytes", Rounded(rates.RecalledBytes));
        line.WriteEndObject();
    }

    private static void WriteSeconds(Utf8JsonWriter line, string name, TimeSpan? time)
    {
        if (time is { } known)
            line.WriteNumber(name, Rounded(known.TotalSeconds));
        else
            line.WriteNull(name);
    }

    private static double Rounded(double value) => Math.Round(value, 3);
}
