using System.Buffers;
using System.Text.Json;

namespace ClusterHsm.Coordination;

/// <summary>The text of a file in <c>.clusterhsm/nodes</c>.</summary>
internal static class NodeRecord
{
    /// <summary>Longest text that is read, in bytes.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Texts are padded to this length, so that one write in place replaces all of the last one.</summary>
    private const int PaddedLength = 1024;

    /// <param name="info">What it says.</param>
    /// <param name="leastLength">Length of the text that it replaces, of which nothing may be left.</param>
    public static byte[] Write(NodeInfo info, int leastLength = 0)
    {
        var buffer = new ArrayBufferWriter<byte>(PaddedLength);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", 1);
            json.WriteString("role", info.IsMigrator ? "migrator" : "node");
            json.WriteString("host", info.Host);
            json.WriteNumber("processId", info.ProcessId);
            json.WriteString("processName", info.ProcessName);
            json.WriteString("mode", info.Mode == LockMode.Relaxed ? "relaxed" : "strict");
            json.WriteNumber("polls", info.Polls);
            json.WriteString("written", info.LastWritten ?? default);
            if (info.Reason is { } reason)
                json.WriteString("reason", reason.ToString());
            if (info.Counters is { } counters)
                Write(json, counters);
            if (info.Handover is { } handover)
                Write(json, handover);
            json.WriteEndObject();
        }
        byte[] text = new byte[Math.Max(leastLength, (buffer.WrittenCount / PaddedLength + 1) * PaddedLength)];
        text.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(text);
        text[^1] = (byte)'\n';
        return text;
    }

    /// <summary>What the text says; only the id, if it says nothing that can be read.</summary>
    public static NodeInfo Read(string id, byte[]? text)
    {
        var info = new NodeInfo { Id = id };
        if (text is not { Length: > 0 })
            return info;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return info;
            return info with
            {
                IsMigrator = Text(root, "role") == "migrator",
                Host = Text(root, "host"),
                ProcessId = (int)Math.Clamp(Number(root, "processId"), 0, int.MaxValue),
                ProcessName = Text(root, "processName"),
                Mode = Text(root, "mode") == "relaxed" ? LockMode.Relaxed : LockMode.Strict,
                Polls = Number(root, "polls"),
                LastWritten = root.TryGetProperty("written", out JsonElement written) && written.ValueKind == JsonValueKind.String
                    && written.TryGetDateTimeOffset(out DateTimeOffset time) ? time : null,
                // A reason that this version does not know is none; numbers are no names.
                Reason = Text(root, "reason") is { } reason && Enum.TryParse(reason, out ModeReason known) && known.ToString() == reason ? known : null,
                Counters = Part(root, "counters") is { } counters ? ReadCounters(counters) : null,
                Handover = Part(root, "handover") is { } handover ? ReadHandover(handover) : null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: half of a surrogate pair, escaped
        {
            // Torn by a crash, being rewritten, or written by someone who means ill: the locks still tell what matters.
            return info;
        }
    }

    private static void Write(Utf8JsonWriter json, in NodeCounters counters)
    {
        json.WriteStartObject("counters");
        json.WriteNumber("hits", counters.Hits);
        json.WriteNumber("misses", counters.Misses);
        json.WriteNumber("looks", counters.Looks);
        json.WriteNumber("open", counters.Open);
        json.WriteNumber("recalls", counters.Recalls);
        json.WriteNumber("recalledBytes", counters.RecalledBytes);
        json.WriteNumber("recalling", counters.Recalling);
        json.WriteNumber("readThroughs", counters.ReadThroughs);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in HandoverProgress handover)
    {
        json.WriteStartObject("handover");
        json.WriteNumber("files", handover.Files);
        json.WriteNumber("done", handover.Done);
        json.WriteNumber("bytes", handover.Bytes);
        json.WriteEndObject();
    }

    private static NodeCounters ReadCounters(JsonElement part) => new()
    {
        Hits = Count(part, "hits"),
        Misses = Count(part, "misses"),
        Looks = Count(part, "looks"),
        Open = Count(part, "open"),
        Recalls = Count(part, "recalls"),
        RecalledBytes = Count(part, "recalledBytes"),
        Recalling = Count(part, "recalling"),
        ReadThroughs = Count(part, "readThroughs"),
    };

    private static HandoverProgress ReadHandover(JsonElement part) => new()
    {
        Files = Count(part, "files"),
        Done = Count(part, "done"),
        Bytes = Count(part, "bytes"),
    };

    private static JsonElement? Part(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>Never negative, whatever somebody has written there.</summary>
    private static long Count(JsonElement root, string name) => Math.Max(0, Number(root, name));

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number : 0;
}
