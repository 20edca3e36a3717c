using ClusterHsm.FileSystem;

namespace ClusterHsm.Stubs;

/// <summary>The record on an open file: reading, judging and writing it.</summary>
internal static class FileRecord
{
    /// <summary>Marks a file that is never to be released. Its value says nothing.</summary>
    public const string PinAttributeName = "user.clusterhsm.pin";

    /// <summary>The record, or null if the file has none.</summary>
    /// <exception cref="InvalidRecordException">There is a record that cannot be believed: nobody may take the file for regular.</exception>
    public static StubRecord? Read(IShardFile file, string displayPath)
    {
        Span<byte> bytes = stackalloc byte[StubRecordCodec.MaxLength];
        int length;
        try
        {
            length = file.ReadAttribute(StubRecord.AttributeName, bytes);
        }
        catch (ShardIOException e) when (e.Error == ShardError.TooLarge)
        {
            throw Invalid(displayPath, $"it is longer than {StubRecordCodec.MaxLength} bytes", e);
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotSupported)
        {
            return null; // no attributes here: no file can be a stub
        }
        return length < 0 ? null : Decode(bytes[..length], displayPath);
    }

    /// <summary>Decodes the bytes of a record.</summary>
    /// <exception cref="InvalidRecordException">They cannot be believed.</exception>
    public static StubRecord Decode(ReadOnlySpan<byte> bytes, string displayPath) =>
        StubRecordCodec.TryDecode(bytes, out StubRecord? record, out string? problem) ? record! : throw Invalid(displayPath, problem!, null);

    /// <summary>Looks at the stub mark.</summary>
    /// <remarks>An empty file has no data to be missing, so it is never a stub: a truncation by any program makes a stub regular.</remarks>
    public static StubLook Look(IShardFile file, string displayPath)
    {
        StubRecord? record = Read(file, displayPath);
        return new StubLook(record, IsStubState(record?.State) && file.GetInfo().Size > 0);
    }

    public static void Write(IShardFile file, StubRecord record) =>
        file.WriteAttribute(StubRecord.AttributeName, StubRecordCodec.Encode(record));

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

    public static bool IsStubState(FileState? state) => state is FileState.Released or FileState.Recalling;

    private static InvalidRecordException Invalid(string path, string problem, Exception? inner) =>
        new(path, $"its record cannot be believed: {problem}",
            "Nothing was changed. Restore the record from a backup ('clusterhsm import'), or remove the attribute "
            + $"'{StubRecord.AttributeName}' if you know that the file's data is all on the shard", inner);
}

/// <summary>What a look at the stub mark showed.</summary>
internal readonly record struct StubLook(StubRecord? Record, bool IsStub)
{
    /// <summary>How often the inode had become a stub by then (R11).</summary>
    public long ReleaseCount => Record?.ReleaseCount ?? 0;
}
