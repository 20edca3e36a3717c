using System.Runtime.CompilerServices;
using ClusterHsm.Caching;

namespace ClusterHsm.Tests.Caching;

/// <summary>A cache's lines as they are in memory.</summary>
internal static unsafe class InodeCacheMemory
{
    /// <summary>All lines. Valid as long as the cache lives.</summary>
    public static ReadOnlySpan<byte> LinesOf(InodeCache cache)
    {
        InodeCacheBuffer buffer = BufferOf(cache);
        // The lines are what is neither the epoch's cell nor the room for aligning it, which is as large.
        long bytes = buffer.Bytes - (2 * ((byte*)buffer.Lines - (byte*)Unsafe.AsPointer(ref InodeCacheBuffer.EpochBefore(buffer.Lines))));
        return new ReadOnlySpan<byte>(buffer.Lines, checked((int)bytes));
    }

    /// <summary>How many lines are not what they were.</summary>
    public static int CountWritten(InodeCache cache, ReadOnlySpan<byte> before)
    {
        ReadOnlySpan<byte> now = LinesOf(cache);
        int written = 0;
        for (int line = 0; line < now.Length; line += InodeCacheLine.Bytes)
            written += now.Slice(line, InodeCacheLine.Bytes).SequenceEqual(before.Slice(line, InodeCacheLine.Bytes)) ? 0 : 1;
        return written;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_buffer")]
    private static extern ref InodeCacheBuffer BufferOf(InodeCache cache);
}
