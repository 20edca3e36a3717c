
namespace ClusterHsm.Torture;

/// <summary>A file beside the shard that takes all the space there is.</summary>
internal static class Filler
{
    /// <returns>How many bytes went in.</returns>
    public static long Fill(string path)
    {
        byte[] piece = new byte[1 << 20];
        Array.Fill(piece, (byte)'x');
        long total = 0;
        // Ever smaller pieces, so that not a page is left.
        using FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        for (int length = piece.Length; length >= 4096;)
        {
            try
            {
                file.Write(piece, 0, length);
                file.Flush(flushToDisk: length < piece.Length);
                total += length;
            }
            catch (IOException)
            {
                length /= 4;
            }
        }
        return total;
    }
}
