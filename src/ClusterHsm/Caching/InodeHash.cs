using System.Runtime.CompilerServices;

namespace ClusterHsm.Caching;

/// <summary>Spreads inode numbers, which come in runs and at strides, over 64 bits, of which the high ones choose the line.</summary>
/// <remarks>
/// Multiply, fold, multiply. One multiplication alone (Fibonacci hashing: D. E. Knuth, The Art of Computer Programming,
/// volume 3, section 6.4) lays runs down more evenly and is a nanosecond quicker, but some strides, 2³² among them, then
/// crowd into two lines of three; with the second every pattern tried fills the lines as chance would.
/// </remarks>
internal static class InodeHash
{
    /// <summary>A bijection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong inode)
    {
        ulong hash = inode * 0x9E3779B97F4A7C15;
        hash ^= hash >> 32;
        return hash * 0xD6E8FEB86659FD93;
    }
}
