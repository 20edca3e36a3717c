namespace ClusterHsm.Torture;

/// <summary>Compares every read with what may legally be seen.</summary>
/// <remarks>
/// <para>A read of a range of a file is legal if:</para>
/// <list type="number">
/// <item>It brings all bytes of the range. It may bring fewer, from the range's beginning, only while a rewrite that truncates the file
/// is under way or was cut off, until the next complete write of the whole file.</item>
/// <item>Every block of it is, byte for byte, one version of this block of this file: never zeros, never another block.</item>
/// <item>That version is not older than the newest of which the write was complete (the library had returned) before the read began, nor
/// than the newest that any node, this or another, had read before it began.</item>
/// <item>It is not newer than the newest of which the write had begun before the read ended.</item>
/// <item>Only where a write of the same block was under way at some moment of the read, the block may be a mixture: then every byte of
/// it is that byte of one of the versions that 3 and 4 allow. POSIX wants reads and writes to be atomic, ext4 and others are not.</item>
/// </list>
/// <para>So a writer that is killed, or whose write fails, leaves either version for each block until the next complete write of it, and
/// once a node has read the new one, it stays. A block is a page, and a killed write leaves a page whole or untouched.</para>
/// <para>Where a failed write can still be under way (its packets are in a network that was cut), it counts as under way until the
/// next complete one, and nobody writes the file until it must have arrived or been dropped: a server that gets it later than a newer
/// one would be no fault of the library's.</para>
/// </remarks>
internal sealed class Checker(Ledger ledger)
{
    private const int MostVersions = 64;
    private readonly List<BlockNotes> _before = [];
    private long _truncationsDone;

    /// <summary>A read of these blocks is about to begin. One checker judges one read at a time.</summary>
    public void Begin(int file, int first, int count)
    {
        _before.Clear();
        _truncationsDone = ledger.TruncationsDone(file);
        for (int block = first; block < first + count; block++)
            _before.Add(ledger[file, block]);
    }

    /// <summary>The read has ended.</summary>
    /// <param name="file">The file.</param>
    /// <param name="first">The first block that was asked for.</param>
    /// <param name="bytes">What was read.</param>
    /// <returns>Why this may not have been read, or null.</returns>
    public string? End(int file, int first, ReadOnlySpan<byte> bytes)
    {
        Thread.MemoryBarrier();
        for (int i = 0; i < _before.Count; i++)
        {
            int block = first + i, length = FileImage.LengthOf(file, block);
            ReadOnlySpan<byte> piece = bytes[Math.Min(bytes.Length, i * FileImage.BlockLength)..];
            piece = piece[..Math.Min(piece.Length, length)];
            if (piece.Length < length && _truncationsDone == ledger.TruncationsBegun(file))
                return $"block {block} of {FileImage.PathOf(file)} has {piece.Length} bytes instead of {length}";
            BlockNotes before = _before[i], after = ledger[file, block];
            long floor = Math.Max(before.Done, before.Seen);
            if (Judge(file, block, piece, floor, after.Begun, isWritten: before.Ended < after.Begun, out long version) is { } problem)
                return $"block {block} of {FileImage.PathOf(file)} {problem} (before: {before}, after: {after})";
            if (version > 0)
                ledger.See(file, block, version);
        }
        return null;
    }

    /// <summary>Judges one block.</summary>
    /// <param name="file">Which file it must belong to.</param>
    /// <param name="number">Which block of it.</param>
    /// <param name="bytes">What was read of it.</param>
    /// <param name="floor">The oldest version allowed.</param>
    /// <param name="ceiling">The newest version allowed.</param>
    /// <param name="isWritten">Whether it was being written at some moment of the read.</param>
    /// <param name="version">The version that was read; 0 for a mixture or less than a whole block.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Judge(int file, int number, ReadOnlySpan<byte> bytes, long floor, long ceiling, bool isWritten, out long version)
    {
        version = 0;
        if (bytes.IsEmpty)
            return null;
        Span<byte> expected = stackalloc byte[FileImage.BlockLength];
        expected = expected[..bytes.Length];
        bool hasHead = FileImage.TryReadHead(bytes, out int saysFile, out int saysNumber, out long says);
        if (hasHead && saysFile == file && saysNumber == number && says >= floor && says <= ceiling)
        {
            FileImage.Fill(expected, file, number, says);
            if (bytes.SequenceEqual(expected))
            {
                version = bytes.Length == FileImage.LengthOf(file, number) ? says : 0;
                return null;
            }
        }
        if (isWritten && IsMixture(bytes, file, number, floor, ceiling))
            return null;
        if (HoleIn(bytes) is { } hole)
            return hole;
        if (!hasHead)
            return $"is of nobody's: {Convert.ToHexString(bytes[..Math.Min(32, bytes.Length)])}";
        if (saysFile != file || saysNumber != number)
            return $"is block {saysNumber} of {FileImage.PathOf(saysFile)}, version {says}";
        FileImage.Fill(expected, file, number, says);
        if (!bytes.SequenceEqual(expected))
            return $"is torn: it begins as version {says} and differs at byte {bytes.CommonPrefixLength(expected)}; {floor} to {ceiling} may be seen";
        return $"has version {says}, but {floor} to {ceiling} may be seen";
    }

    private static bool IsMixture(ReadOnlySpan<byte> bytes, int file, int number, long floor, long ceiling)
    {
        if (ceiling - floor >= MostVersions)
            return false;
        bool[] isExplained = new bool[bytes.Length];
        byte[] expected = new byte[bytes.Length];
        for (long version = floor; version <= ceiling; version++)
        {
            FileImage.Fill(expected, file, number, version);
            for (int i = 0; i < bytes.Length; i++)
                isExplained[i] |= bytes[i] == expected[i];
        }
        return Array.TrueForAll(isExplained, static explained => explained);
    }

    private static string? HoleIn(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExcept((byte)0))
            return "is a hole";
        for (int at = 0; at + 8 <= bytes.Length; at += 8)
        {
            if (!bytes.Slice(at, 8).ContainsAnyExcept((byte)0))
                return $"has a hole at byte {at}";
        }
        return null;
    }
}
