using System.Buffers;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Migration;

/// <summary>Data in a stub that no recall wrote.</summary>
internal static class ForeignData
{
    private const int BufferSize = 1 << 20;

    /// <summary>
    /// What lies in a stub must be nothing, zeros, or the object's own bytes (a release that was cut off between the mark and the hole
    /// leaves those). Anything else was written behind the library's back, and is not overwritten.
    /// </summary>
    public static async Task RefuseAsync(
        IShardFile file, IObjectReader reader, string display, CancellationToken cancellationToken)
    {
        byte[] here = ArrayPool<byte>.Shared.Rent(BufferSize), there = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long offset = 0; file.TryFindData(offset, out long start, out long end); offset = end)
            {
                for (long at = start; at < end;)
                {
                    int read = file.Read(here.AsSpan(0, (int)Math.Min(BufferSize, end - at)), at);
                    if (read == 0)
                        return;
                    if (here.AsSpan(0, read).ContainsAnyExcept((byte)0))
                    {
                        int got = await reader.ReadAsync(there.AsMemory(0, read), at, cancellationToken).ConfigureAwait(false);
                        if (got != read || !here.AsSpan(0, read).SequenceEqual(there.AsSpan(0, read)))
                            throw new ForeignDataException(display, $"it is a stub, but holds data at {at} to {at + read} that no recall wrote",
                                "Nothing was changed. Keep a copy of what it holds now, free its data without changing its size (fallocate --punch-hole) and recall it, or restore it from a backup");
                    }
                    at += read;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(here);
            ArrayPool<byte>.Shared.Return(there);
        }
    }
}
