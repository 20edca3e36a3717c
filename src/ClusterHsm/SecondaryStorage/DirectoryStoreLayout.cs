namespace ClusterHsm.SecondaryStorage;

/// <summary>Where things are in a directory store.</summary>
/// <remarks>
/// <c>clusterhsm-store.json</c>; <c>objects/SHARD/XX/YY/OBJECT</c>, where XX and YY are the first two bytes of the object's name,
/// so that no folder gets large; <c>tmp/</c> for objects that are not committed. Names are 32 or 2 lower-case hexadecimal digits.
/// </remarks>
internal sealed class DirectoryStoreLayout(string root)
{
    public string Root { get; } = root;

    /// <summary>The file by which a store's folder is known.</summary>
    public const string MarkerName = "clusterhsm-store.json";

    public string Marker { get; } = Path.Join(root, MarkerName);

    public string Objects { get; } = Path.Join(root, "objects");

    public string Temporary { get; } = Path.Join(root, "tmp");

    public string NewTemporaryFile(string kind) => Path.Join(Temporary, $"{kind}-{Guid.NewGuid():N}");

    public string Shard(Guid shardId) => Path.Join(Objects, shardId.ToString("N"));

    public string Object(ObjectKey key)
    {
        string name = key.ObjectId.ToString("N");
        return Path.Join(Shard(key.ShardId), name.AsSpan(0, 2), name.AsSpan(2, 2), name);
    }

    /// <summary>The two bytes that choose an object's folder.</summary>
    public static (byte First, byte Second) Fan(Guid objectId)
    {
        Span<byte> bytes = stackalloc byte[16];
        objectId.TryWriteBytes(bytes, bigEndian: true, out _);
        return (bytes[0], bytes[1]);
    }

    /// <summary>Whether a store made it: an unfinished upload, or the probe by which the clock is read.</summary>
    public static bool IsTemporaryName(ReadOnlySpan<char> name)
    {
        int dash = name.IndexOf('-');
        return dash > 0 && name[..dash] is UploadKind or ProbeKind or MarkerKind && IsHex(name[(dash + 1)..], 32);
    }

    public static bool IsHex(ReadOnlySpan<char> name, int length) => name.Length == length && !name.ContainsAnyExcept("0123456789abcdef");

    public const string UploadKind = "upload", ProbeKind = "clock", MarkerKind = "marker";
}
