namespace ClusterHsm.Stubs;

/// <summary>The bytes of a record.</summary>
public static class StubRecordCodec
{
    /// <summary>No record is longer, in bytes.</summary>
    public const int MaxLength = 1024;

    /// <summary>Writes a record.</summary>
    public static byte[] Encode(StubRecord record) => throw new NotImplementedException();

    /// <summary>Reads a record.</summary>
    /// <param name="bytes">What the attribute holds.</param>
    /// <param name="record">The record, if it can be believed.</param>
    /// <param name="problem">If not: what is wrong with it, for a message.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out StubRecord? record, out string? problem) => throw new NotImplementedException();
}
