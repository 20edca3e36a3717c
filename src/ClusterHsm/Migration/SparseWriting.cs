using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Writes into a hole what is not zero, so that a sparse file comes back sparse.</summary>
internal static class SparseWriting
{
    /// <summary>
    /// Zeros are left out by pieces of this size: no file system here has larger blocks than it can leave out, and shorter gaps would
    /// tear a file into many extents for little space.
    /// </summary>
    public const int HoleSize = 64 << 10;

    /// <returns>Whether anything was written.</returns>
    public static bool Write(IShardFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        bool isWritten = false;
        for (int start = 0, end; start < bytes.Length; start = end)
        {
            end = start;
            while (end < bytes.Length && Piece(bytes, end).ContainsAnyExcept((byte)0))
                end = Math.Min(end + HoleSize, bytes.Length);
            if (end > start)
            {
                file.Write(bytes[start..end], offset + start);
                isWritten = true;
            }
            else
            {
                end = Math.Min(start + HoleSize, bytes.Length);
            }
        }
        return isWritten;
    }

    private static ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> bytes, int start) => bytes[start..Math.Min(start + HoleSize, bytes.Length)];
}
