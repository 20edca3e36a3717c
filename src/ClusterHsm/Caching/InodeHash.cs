using System.Runtime.CompilerServices;

namespace ClusterHsm.Caching;

/// <summary>Spreads inode numbers, which come in runs and with strides, over 64 bits.</summary>
internal static class InodeHash
{
    /// <summary>The 64-bit mixer "rrmxmx"-style: multiply, fold, multiply. A bijection; 0 stays 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong inode)
    {
        ulong h = inode * 0x9E3779B97F4A7C15;
        h ^= h >> 32;
        return h * 0xD6E8FEB86659FD93;
    }
}
