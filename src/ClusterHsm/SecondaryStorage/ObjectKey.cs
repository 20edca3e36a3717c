using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ClusterHsm.SecondaryStorage;

/// <summary>Names an object: <c>shard/object</c>, each 32 hexadecimal digits, so that a key can never lead out of a store.</summary>
public readonly record struct ObjectKey(Guid ShardId, Guid ObjectId)
{
    private const int KeysOfOneFolder = 256;

    private static int s_made;
    private static int s_folder = NewFolder();

    /// <summary>A key never used before.</summary>
    /// <remarks>
    /// Thread-safe. 106 bits are random for each. The first two bytes, by which a directory store chooses a folder, are random for each 256
    /// keys of a process: objects that are made together lie together, and 10,000 of them do not need 10,000 new folders.
    /// </remarks>
    public static ObjectKey New(Guid shardId)
    {
        if (Interlocked.Increment(ref s_made) % KeysOfOneFolder == 0)
            Volatile.Write(ref s_folder, NewFolder());
        Span<byte> id = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(id, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(id, (ushort)Volatile.Read(ref s_folder));
        return new ObjectKey(shardId, new Guid(id, bigEndian: true));
    }

    /// <summary>The text form.</summary>
    public override string ToString() => $"{ShardId:N}/{ObjectId:N}";

    /// <summary>Reads what ToString writes, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ObjectKey key)
    {
        key = default;
        if (text.Length != 65 || text[32] != '/' || !Guid.TryParseExact(text[..32], "N", out Guid shard) || !Guid.TryParseExact(text[33..], "N", out Guid obj))
            return false;
        key = new ObjectKey(shard, obj);
        return true;
    }

    private static int NewFolder() => RandomNumberGenerator.GetInt32(1 << 16);
}
