using System.Buffers;
using System.Text.Json;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>The text of <c>shard.json</c>. Properties that are not known are ignored: a change that older versions must see raises the format.</summary>
internal static class ShardDescriptorJson
{
    /// <summary>Longest text that is read, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The first format that knows of keys.</summary>
    private const int KeyFormat = 2;

    public static byte[] Write(ShardDescriptor descriptor)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            // An older version would write records without a signature: it must not read this.
            json.WriteNumber("format", descriptor.KeyId is null ? 1 : KeyFormat);
            json.WriteString("shardId", descriptor.ShardId);
            json.WriteString("storeLocation", descriptor.StoreLocation.OriginalString);
            json.WriteString("storeId", descriptor.StoreId);
            json.WriteNumber("leaseMilliseconds", (long)descriptor.LeaseDuration.TotalMilliseconds);
            json.WriteNumber("clockDriftMarginMilliseconds", (long)descriptor.ClockDriftMargin.TotalMilliseconds);
            json.WriteNumber("fileLockOffset", descriptor.FileLockOffset);
            json.WriteNumber("slotCount", descriptor.SlotCount);
            if (descriptor.LockReach is { } reach)
                json.WriteString("lockReach", reach.ToString());
            if (descriptor.KeyId is { } key)
                json.WriteString("keyId", key);
            if (descriptor.CachesProven)
                json.WriteBoolean("cachesProven", true);
            if (descriptor.QueriesProven)
                json.WriteBoolean("queriesProven", true);
            if (descriptor.SignalChanged is { } signal)
                json.WriteString("signalChanged", signal.ToString());
            if (descriptor.QuiesceChanged is { } quiesce)
                json.WriteString("quiesceChanged", quiesce.ToString());
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public static ShardDescriptor Read(byte[] text, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new FormatException("it is not a JSON object");
            // The format first: nothing else means what it says in a newer one.
            int format = (int)Number(root, "format", 1, int.MaxValue);
            if (format > ShardDescriptor.CurrentFormat)
            {
                throw new ShardFormatException(path,
                    $"its format is {format} and this version of ClusterHsm reads up to {ShardDescriptor.CurrentFormat}",
                    "Use the version that made the shard, or a newer one");
            }
            var descriptor = new ShardDescriptor
            {
                ShardId = Id(root, "shardId"),
                StoreLocation = Location(root, "storeLocation"),
                StoreId = Id(root, "storeId"),
                LeaseDuration = TimeSpan.FromMilliseconds(Number(root, "leaseMilliseconds", 0, int.MaxValue)),
                ClockDriftMargin = TimeSpan.FromMilliseconds(Number(root, "clockDriftMarginMilliseconds", 0, int.MaxValue)),
                FileLockOffset = Number(root, "fileLockOffset", 0, long.MaxValue),
                SlotCount = (int)Number(root, "slotCount", 0, int.MaxValue),
                LockReach = Reach(root, "lockReach"),
                CachesProven = Flag(root, "cachesProven"),
                QueriesProven = Flag(root, "queriesProven"),
                KeyId = Key(root, format),
                SignalChanged = Time(root, "signalChanged"),
                QuiesceChanged = Time(root, "quiesceChanged"),
            };
            return descriptor.FindFault() is { } fault ? throw new FormatException($"\"{fault.Name}\" {fault.Rule}") : descriptor;
        }
        catch (JsonException failure)
        {
            throw new InvalidShardException(path, $"it is not JSON (line {failure.LineNumber + 1})", ShardErrors.RestoreDescriptor, failure);
        }
        catch (FormatException failure)
        {
            throw new InvalidShardException(path, failure.Message, ShardErrors.RestoreDescriptor, failure);
        }
    }

    private static JsonElement Property(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) ? value : throw new FormatException($"\"{name}\" is missing");

    private static long Number(JsonElement root, string name, long least, long most) =>
        Property(root, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number)
            && number >= least && number <= most
            ? number : throw new FormatException($"\"{name}\" must be a whole number from {least} to {most}");

    private static Guid Id(JsonElement root, string name) =>
        Property(root, name) is { ValueKind: JsonValueKind.String } value && value.TryGetGuid(out Guid id)
            ? id : throw new FormatException($"\"{name}\" must be a UUID");

    private static Uri Location(JsonElement root, string name) =>
        Property(root, name) is { ValueKind: JsonValueKind.String } value
            && Uri.TryCreate(value.GetString(), UriKind.Absolute, out Uri? location)
            ? location : throw new FormatException($"\"{name}\" must be an absolute URI");

    // Both ways: a key that is ignored, or a format that promises one, would each let a forged record in.
    private static Guid? Key(JsonElement root, int format) =>
        root.TryGetProperty("keyId", out _) == (format >= KeyFormat) ? format >= KeyFormat ? Id(root, "keyId") : null
        : throw new FormatException($"\"keyId\" must stand in format {KeyFormat}, and nowhere else");

    private static bool Flag(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw new FormatException($"\"{name}\" must be true or false"),
        };

    private static ShardTimestamp? Time(JsonElement root, string name) =>
        !root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String && ShardTimestamp.TryParse(value.GetString(), out ShardTimestamp time) ? time
        : throw new FormatException($"\"{name}\" must be seconds since 1970, a point and nine digits");

    private static LockReach? Reach(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString() switch
            {
                nameof(LockReach.Unknown) => LockReach.Unknown,
                nameof(LockReach.NodeLocal) => LockReach.NodeLocal,
                nameof(LockReach.Shared) => LockReach.Shared,
                nameof(LockReach.Unreliable) => LockReach.Unreliable,
                _ => throw new FormatException($"\"{name}\" must be Unknown, NodeLocal or Shared"),
            }
            : throw new FormatException($"\"{name}\" must be Unknown, NodeLocal or Shared");
    }
}
