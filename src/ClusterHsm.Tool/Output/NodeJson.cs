using System.Text.Json;
using ClusterHsm.Coordination;

namespace ClusterHsm.Tool.Output;

/// <summary>A node or a migrator as the members of a JSON object.</summary>
internal static class NodeJson
{
    public static void Write(Utf8JsonWriter line, NodeInfo node)
    {
        line.WriteName("id", node.Id);
        line.WriteName("host", node.Host);
        line.WriteNumber("processId", node.ProcessId);
        line.WriteName("processName", node.ProcessName);
        line.WriteString("mode", node.Mode.ToString().ToLowerInvariant());
        line.WriteString("reason", node.Reason?.ToString());
        line.WriteNumber("polls", node.Polls);
        if (node.LastWritten is { } written)
            line.WriteString("lastWritten", written);
        else
            line.WriteNull("lastWritten");
        line.WriteBoolean("isAlive", node.IsAlive);
        line.WriteBoolean("holdsQuiesce", node.HoldsQuiesce);
        line.WriteBoolean("isMigrator", node.IsMigrator);
        Write(line, node.Counters);
        Write(line, node.Handover);
    }

    private static void Write(Utf8JsonWriter line, NodeCounters? told)
    {
        line.WritePropertyName("counters");
        if (told is not { } counters)
        {
            line.WriteNullValue();
            return;
        }
        line.WriteStartObject();
        line.WriteNumber("hits", counters.Hits);
        line.WriteNumber("misses", counters.Misses);
        line.WriteNumber("looks", counters.Looks);
        line.WriteNumber("open", counters.Open);
        line.WriteNumber("recalls", counters.Recalls);
        line.WriteNumber("recalledBytes", counters.RecalledBytes);
        line.WriteNumber("recalling", counters.Recalling);
        line.WriteNumber("readThroughs", counters.ReadThroughs);
        line.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter line, HandoverProgress? told)
    {
        line.WritePropertyName("handover");
        if (told is not { } handover)
        {
            line.WriteNullValue();
            return;
        }
        line.WriteStartObject();
        line.WriteNumber("files", handover.Files);
        line.WriteNumber("done", handover.Done);
        line.WriteNumber("bytes", handover.Bytes);
        line.WriteEndObject();
    }
}
