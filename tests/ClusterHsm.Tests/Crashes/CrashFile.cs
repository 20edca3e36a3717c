using ClusterHsm.FileSystem;

namespace ClusterHsm.Tests.Crashes;

/// <summary>A file that must have these bytes and these facts whatever happens.</summary>
/// <param name="Path">Its path on the shard.</param>
/// <param name="Bytes">What it holds.</param>
internal sealed record CrashFile(string Path, byte[] Bytes)
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Of no program's present.</summary>
    public static readonly ShardTimestamp Modified = new(1_000_000_000, 123_456_700);

    /// <summary>Whether the crash may find it not yet made.</summary>
    public bool IsNew { get; init; }

    public uint Owner { get; init; }

    /// <summary>One small piece, or two with a hole between, so that a recall writes twice.</summary>
    public static CrashFile Make(int seed, bool isSparse = false)
    {
        byte[] bytes = new byte[isSparse ? 150_000 : 5000];
        new Random(seed).NextBytes(bytes);
        if (isSparse)
            bytes.AsSpan(64 << 10, 64 << 10).Clear();
        return new CrashFile($"f{seed}", bytes) { Owner = Environment.IsPrivilegedProcess ? 12345u : 0 };
    }

    public void Write(IShardFileSystem shard)
    {
        using IShardFile file = shard.Open(Path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        file.Write(Bytes, 0);
        ShardFileInfo info = file.GetInfo();
        file.SetOwnership(Mode, Owner == 0 ? info.UserId : Owner, info.GroupId);
        file.SetTimes(Modified, Modified);
    }

    /// <summary>What a program that knows nothing of the library reads.</summary>
    public byte[] ReadDirectly(IShardFileSystem shard)
    {
        using IShardFile file = shard.Open(Path, ShardOpenOptions.Read);
        byte[] bytes = new byte[file.GetInfo().Size];
        int length = 0;
        while (length < bytes.Length && file.Read(bytes.AsSpan(length), length) is > 0 and var count)
            length += count;
        return bytes[..length];
    }
}
