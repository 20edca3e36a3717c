using System.Buffers;
using System.Text;
using System.Text.Json;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Requests and answers as lines. Members that have their default value are left out.</summary>
internal static class PartnerJson
{
    public static string Write(PartnerRequest request) => Line(json =>
    {
        json.WriteNumber("operation", (int)request.Operation);
        Number(json, "file", request.File);
        Text(json, "path", request.Path);
        Number(json, "options", (int)request.Options);
        Number(json, "offset", request.Offset);
        Number(json, "length", request.Length);
        Number(json, "kind", (int)request.Kind);
        if (request.Bytes.Length > 0)
            json.WriteBase64String("bytes", request.Bytes);
        Time(json, "accessed", request.Accessed);
        Time(json, "modified", request.Modified);
    });

    public static string Write(PartnerAnswer answer) => Line(json =>
    {
        Number(json, "error", (int)answer.Error);
        Text(json, "text", answer.Text);
        Number(json, "status", (int)answer.Status);
        Number(json, "nativeError", answer.NativeError);
        Number(json, "number", answer.Number);
        if (answer.Bytes is { } bytes)
            json.WriteBase64String("bytes", bytes);
        Number(json, "size", answer.Size);
        Number(json, "allocatedBytes", answer.AllocatedBytes);
        json.WriteNumber("inode", answer.Inode);
        Time(json, "accessed", answer.Accessed);
        Time(json, "modified", answer.Modified);
        Time(json, "changed", answer.Changed);
        if (answer.ShardId is { } id)
            json.WriteString("shardId", id);
        Text(json, "instance", answer.Instance);
        Text(json, "computer", answer.Computer);
    });

    /// <exception cref="JsonException">The line is not what <see cref="Write(PartnerRequest)"/> writes.</exception>
    public static PartnerRequest ReadRequest(string line) => Read(line, json => new PartnerRequest((PartnerOperation)Number(json, "operation"))
    {
        File = (int)Number(json, "file"),
        Path = Text(json, "path"),
        Options = (ShardOpenOptions)Number(json, "options"),
        Offset = Number(json, "offset"),
        Length = Number(json, "length"),
        Kind = (LockKind)Number(json, "kind"),
        Bytes = Bytes(json) ?? [],
        Accessed = Time(json, "accessed"),
        Modified = Time(json, "modified"),
    });

    /// <exception cref="JsonException">The line is not what <see cref="Write(PartnerAnswer)"/> writes.</exception>
    public static PartnerAnswer ReadAnswer(string line) => Read(line, json => new PartnerAnswer
    {
        Error = (ShardError)Number(json, "error"),
        Text = Text(json, "text"),
        Status = (LockStatus)Number(json, "status"),
        NativeError = (int)Number(json, "nativeError"),
        Number = Number(json, "number"),
        Bytes = Bytes(json),
        Size = Number(json, "size"),
        AllocatedBytes = Number(json, "allocatedBytes"),
        Inode = json.TryGetProperty("inode", out JsonElement inode) ? inode.GetUInt64() : 0,
        Accessed = Time(json, "accessed"),
        Modified = Time(json, "modified"),
        Changed = Time(json, "changed"),
        ShardId = json.TryGetProperty("shardId", out JsonElement id) ? id.GetGuid() : null,
        Instance = Text(json, "instance"),
        Computer = Text(json, "computer"),
    });

    private static T Read<T>(string line, Func<JsonElement, T> members)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return members(document.RootElement);
        }
        catch (Exception failure) when (failure is InvalidOperationException or FormatException)
        {
            throw new JsonException("A member has the wrong type.", failure);
        }
    }

    private static string Line(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Number(Utf8JsonWriter json, string name, long value)
    {
        if (value != 0)
            json.WriteNumber(name, value);
    }

    private static void Text(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
            json.WriteString(name, value);
    }

    private static void Time(Utf8JsonWriter json, string name, ShardTimestamp value)
    {
        if (value != default)
            json.WriteString(name, value.ToString());
    }

    private static long Number(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";

    private static byte[]? Bytes(JsonElement json) => json.TryGetProperty("bytes", out JsonElement value) ? value.GetBytesFromBase64() : null;

    private static ShardTimestamp Time(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value)
            ? ShardTimestamp.TryParse(value.GetString(), out ShardTimestamp time) ? time : throw new FormatException()
            : default;
}
