using ClusterHsm.FileSystem;

namespace ClusterHsm.Stubs;

/// <summary>The record on an open file: reading, judging and writing it.</summary>
internal static class FileRecord
{
    /// <summary>Marks a file that is never to be released. Its value says nothing.</summary>
    public const string PinAttributeName = "user.clusterhsm.pin";

    private const int MaxLooks = 3;

    /// <summary>The record, or null if the file has none.</summary>
    /// <exception cref="InvalidRecordException">There is a record that cannot be believed: nobody may take the file for regular.</exception>
    /// <exception cref="UntrustedRecordException">The same, because of its signature.</exception>
    public static StubRecord? Read(IShardFile file, string displayPath, RecordSeal seal)
    {
        Span<byte> bytes = stackalloc byte[StubRecordCodec.MaxLength];
        int length;
        try
        {
            length = file.ReadAttribute(StubRecord.AttributeName, bytes);
        }
        catch (ShardIOException e) when (e.Error == ShardError.TooLarge)
        {
            throw Invalid(displayPath, new RecordProblem($"it is longer than {StubRecordCodec.MaxLength} bytes", false), e);
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            return null; // no attributes here: no file can be a stub
        }
        return length < 0 ? null
            : seal.TryDecode(bytes[..length], file.Identity.Inode, out StubRecord? record, out RecordProblem? problem) ? record
            : throw Invalid(displayPath, problem!, null);
    }

    /// <summary>Looks at the stub mark.</summary>
    /// <remarks>An empty file has no data to be missing, so it is never a stub: a truncation by any program makes a stub regular.</remarks>
    public static StubLook Look(IShardFile file, string displayPath, RecordSeal seal)
    {
        StubRecord? record = Read(file, displayPath, seal);
        return new StubLook(record, IsStubState(record?.State) && file.GetInfo().Size > 0);
    }

    public static void Write(IShardFile file, StubRecord record, RecordSeal seal) =>
        file.WriteAttribute(StubRecord.AttributeName, seal.Encode(record, file.Identity.Inode));

    public static bool IsPinned(IShardFile file)
    {
        try
        {
            return file.ReadAttribute(PinAttributeName, stackalloc byte[64]) >= 0;
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            return false;
        }
        catch (ShardIOException e) when (e.Error == ShardError.TooLarge)
        {
            return true;
        }
    }

    /// <summary>What a record says of ctime while a release is under way: no file has it.</summary>
    public static ShardTimestamp ReleaseUnderWay { get; } = new(-1, 0);

    /// <summary>
    /// Whether a release of it is under way or was cut off: the file is a stub, but its data may still be there, and its time of last
    /// modification may be that of the punch. The record has the file's own.
    /// </summary>
    public static bool IsHalfReleased(StubRecord? record) => record is { State: FileState.Released } && record.Changed == ReleaseUnderWay;

    /// <inheritdoc cref="Look"/>
    public static bool IsStub(StubRecord? record, in ShardFileInfo info) => IsStubState(record?.State) && info.Size > 0;

    public static bool IsStubState(FileState? state) => state is FileState.Released or FileState.Recalling;

    /// <summary>
    /// Reads the record of the file that has a name, without opening it. Two looks by name may be at two files, so that one whose record
    /// was not made for it is looked at again while the name goes on to others.
    /// </summary>
    /// <param name="shard">The shard.</param>
    /// <param name="path">The name.</param>
    /// <param name="seal">What vouches for records.</param>
    /// <param name="info">The file as it was just looked at, and is looked at again if need be; null to look only where that says something.</param>
    /// <param name="problem">What is wrong with the record, if it cannot be believed.</param>
    /// <returns>The record; null if there is none that can be believed.</returns>
    /// <exception cref="ShardIOException">It could not be read.</exception>
    public static StubRecord? ReadAt(IShardFileSystem shard, string path, RecordSeal seal, ref ShardFileInfo? info, out RecordProblem? problem)
    {
        if (seal.ChecksInode)
            info ??= shard.GetInfo(path);
        for (int attempt = 0; ; attempt++)
        {
            problem = null;
            if (shard.ReadAttribute(path, StubRecord.AttributeName) is not { } bytes)
                return null;
            if (seal.TryDecode(bytes, info?.Identity.Inode ?? 0, out StubRecord? record, out problem))
                return record;
            if (!seal.ChecksInode || !problem!.IsOfSignature || attempt == MaxLooks || shard.GetInfo(path) is not { } now || now.Identity == info?.Identity)
                return null;
            info = now;
        }
    }

    /// <summary>The named refusal of a record that a status has found to be unbelievable.</summary>
    public static HsmException Refusal(string displayPath, string problem, bool isOfSignature, string remedy) =>
        Refusal(displayPath, new RecordProblem(problem, isOfSignature), remedy, null);

    private static HsmException Invalid(string path, RecordProblem problem, Exception? inner) =>
        Refusal(path, problem, "Nothing was changed. Restore the record from a backup ('clusterhsm import'), or remove the attribute "
            + $"'{StubRecord.AttributeName}' if you know that the file's data is all on the shard", inner);

    private static HsmException Refusal(string path, RecordProblem problem, string remedy, Exception? inner)
    {
        string cause = $"its record cannot be believed: {problem.Text}";
        return problem.IsOfSignature ? new UntrustedRecordException(path, cause, remedy, inner) : new InvalidRecordException(path, cause, remedy, inner);
    }
}

/// <summary>What a look at the stub mark showed.</summary>
internal readonly record struct StubLook(StubRecord? Record, bool IsStub)
{
    /// <summary>How often the inode had become a stub by then (R11).</summary>
    public long ReleaseCount => Record?.ReleaseCount ?? 0;
}
