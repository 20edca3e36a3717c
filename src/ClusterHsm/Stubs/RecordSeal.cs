using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Stubs;

/// <summary>
/// How a shard's records are vouched for, as one process sees it: by nothing, by the shard's key, or by a key that this process may not
/// read. In the last case it reads records as anybody's word and writes none: what it reads through is read with its own user's
/// permissions, and a forged record can then show it only what it may read anyway, in a file that the forger could have written.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class RecordSeal
{
    private readonly ShardKey? _key;
    private readonly HsmException? _whyNot;

    private RecordSeal(ShardKey? key, HsmException? whyNot) => (_key, _whyNot) = (key, whyNot);

    /// <summary>The shard has no key.</summary>
    public static RecordSeal None { get; } = new(null, null);

    /// <summary>Whether the inode number is part of what is vouched for.</summary>
    public bool ChecksInode => _key is not null;

    public static RecordSeal Of(ShardKey key) => new(key, null);

    /// <summary>Reads the key of a shard, if it has one and this process may.</summary>
    /// <exception cref="InvalidShardException">What is there is not its key.</exception>
    public static RecordSeal Load(IShardFileSystem shard, ShardDescriptor descriptor) =>
        descriptor.KeyId is not { } id ? None
        : ShardKeyFile.Read(shard, id, out HsmException? whyNot) is { } key ? Of(key)
        : new RecordSeal(null, whyNot);

    /// <summary>Refuses a process that cannot write a record that others believe.</summary>
    /// <exception cref="HsmException">It may not read the shard's key, or that is missing.</exception>
    public void RequireKey()
    {
        if (_whyNot is HsmAccessDeniedException denied)
            throw new HsmAccessDeniedException(denied.Path, denied.Cause, denied.Remedy, denied);
        if (_whyNot is not null)
            throw new InvalidShardException(_whyNot.Path, _whyNot.Cause, _whyNot.Remedy, _whyNot);
    }

    public byte[] Encode(StubRecord record, ulong inode)
    {
        RequireKey();
        return _key is null ? StubRecordCodec.Encode(record) : StubRecordCodec.Encode(record, _key.Bytes, inode);
    }

    public bool TryDecode(ReadOnlySpan<byte> bytes, ulong inode, out StubRecord? record, out RecordProblem? problem)
    {
        if (_key is not null)
            return StubRecordCodec.TryDecode(bytes, _key.Bytes, inode, out record, out problem);
        if (_whyNot is not null)
            return StubRecordCodec.TryDecodeUnverified(bytes, out record, out problem);
        bool isDecoded = StubRecordCodec.TryDecode(bytes, out record, out string? fault);
        problem = isDecoded ? null : new RecordProblem(fault!, false);
        return isDecoded;
    }

    /// <summary>The export with the shard's signature, if the shard has a key.</summary>
    public StubExport Sign(StubExport export)
    {
        RequireKey();
        return _key is null ? export : export with { Signature = SignatureOf(_key, export) };
    }

    /// <summary>Whether the export was signed with the shard's key as it stands, or the shard has none.</summary>
    public bool Vouches(StubExport export)
    {
        RequireKey();
        return _key is null || (export.Signature is { } given && Signature.AreEqual(SignatureOf(_key, export), given));
    }

    private static string SignatureOf(ShardKey key, StubExport export) =>
        Signature.Of(key.Bytes, Encoding.UTF8.GetBytes("clusterhsm export\n" + StubExportCodec.Write(export with { Signature = null })));
}
