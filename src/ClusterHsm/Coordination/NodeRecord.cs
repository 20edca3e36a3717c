using System.Buffers;
using System.Text.Json;

namespace ClusterHsm.Coordination;

/// <summary>The text of a file in <c>.clusterhsm/nodes</c>.</summary>
internal static class NodeRecord
{
    /// <summary>Longest text that is read, in bytes.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Texts are padded to this length, so that one write in place replaces all of the last one.</summary>
    private const int PaddedLength = 512;

    public static byte[] Write(NodeInfo info)
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
            json.WriteEndObject();
        }
        byte[] text = new byte[Math.Max(PaddedLength, (buffer.WrittenCount / PaddedLength + 1) * PaddedLength)];
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
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: half of a surrogate pair, escaped
        {
            // Torn by a crash, being rewritten, or written by someone who means ill: the locks still tell what matters.
            return info;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number : 0;
}
