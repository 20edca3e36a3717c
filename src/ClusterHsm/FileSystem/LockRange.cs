namespace ClusterHsm.FileSystem;

/// <summary>A range of bytes to lock. It may lie beyond the end of the file.</summary>
/// <param name="Offset">First byte, 0 to 2^63-2.</param>
/// <param name="Length">Bytes, at least 1.</param>
public readonly record struct LockRange(long Offset, long Length)
{
    /// <summary>The first byte after the range.</summary>
    public long End => Offset + Length;

    /// <summary>Whether the two share a byte.</summary>
    public bool Overlaps(LockRange other) => Offset < other.End && other.Offset < End;
}

/// <summary>Kinds of locks.</summary>
public enum LockKind
{
    /// <summary>Many may hold it at once.</summary>
    Shared,

    /// <summary>One holds it and nobody shares.</summary>
    Exclusive,
}
