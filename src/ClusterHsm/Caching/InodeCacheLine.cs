using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClusterHsm.Caching;

/// <summary>
/// One set of the cache: a 64-byte line with a header and seven inode numbers, so that a look costs one cache miss at most.
/// </summary>
/// <remarks>
/// The header, from the lowest bit: a byte of reference bits (bit <c>k</c> for slot <c>k</c> = 1…7; bit 0 is never set), a byte with the
/// lock bit and the second-chance hand, and 48 bits of epoch. The reference bits have a byte of their
/// own because readers set them with a plain byte store and without the lock: such a store can lose another
/// reference bit, which is harmless, but never touches epoch or lock.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct InodeCacheLine
{
    /// <summary>Bytes of a line, and its alignment.</summary>
    public const int Bytes = 64;

    /// <summary>Inode numbers in a line.</summary>
    public const int Slots = 7;

    /// <summary>The first epoch that no longer fits the header.</summary>
    public const long EpochLimit = 1L << (64 - EpochShift);

    /// <summary>Set while one thread changes the line; only its owner writes the rest of the header.</summary>
    public const ulong LockBit = 1UL << 8;

    /// <summary>Bits 1…7: the slots. Bit 0 would be the header's own lane.</summary>
    public const uint SlotMask = 0xFE;

    private const int HandShift = 10;
    private const int EpochShift = 16;

    [FieldOffset(0)]
    private ulong _header;

    /// <summary>Reads the header with acquire order: the keys read afterwards are not older than it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadHeader(InodeCacheLine* line) => Volatile.Read(ref line->_header);

    /// <summary>Writes the header with release order (keys written before are seen by whoever reads it), and so unlocks.</summary>
    public static void Publish(InodeCacheLine* line, long epoch, int hand, uint references) =>
        Volatile.Write(ref line->_header, ((ulong)epoch << EpochShift) | ((ulong)hand << HandShift) | references);

    /// <summary>The epoch all keys of the line were inserted in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long EpochOf(ulong header) => (long)(header >> EpochShift);

    /// <summary>The slot, 1…7, at which second chance looks first. 0 in a line never used.</summary>
    public static int HandOf(ulong header) => (int)(header >> HandShift) & 7;

    /// <summary>Takes the lock, if the header still is <paramref name="header"/>, without its lock bit.</summary>
    public static bool TryLock(InodeCacheLine* line, ulong header) =>
        Interlocked.CompareExchange(ref line->_header, header | LockBit, header) == header;

    /// <summary>Gives the lock back and leaves the line as it was.</summary>
    public static void Unlock(InodeCacheLine* line, ulong header) => Volatile.Write(ref line->_header, header & ~LockBit);

    /// <summary>The slots that were hit since second chance last passed them.</summary>
    public static uint ReadReferences(InodeCacheLine* line) => *ReferenceByte(line);

    /// <summary>Notes a hit. Writes only the first time, so that readers do not take the line from one another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Touch(InodeCacheLine* line, ulong header, uint slots)
    {
        if ((header & slots) == 0)
        {
            *ReferenceByte(line) |= (byte)slots;
        }
    }

    /// <summary>The key of a slot, as one atomic 64-bit word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref ulong Key(InodeCacheLine* line, int slot) => ref ((ulong*)line)[slot];

    /// <summary>
    /// The slots, as bits 1…7, that seem to hold <paramref name="key"/>. Of an aligned vector load x86-64 promises no more than 16
    /// bytes to be atomic, and nothing of the parts of a longer one (AMD64 Architecture Programmer's Manual, volume 2, "Access
    /// Atomicity"; Intel's manual, volume 3, "Guaranteed Atomic Operations"), so a reader without the lock confirms a slot by <see cref="Holds"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Match(InodeCacheLine* line, ulong key) => MatchWithHeader(line, key) & SlotMask;

    /// <summary>Of the slots that <see cref="Match"/> finds those that were hit before, by the header that was read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint MatchReferenced(InodeCacheLine* line, ulong header, ulong key) =>
        // As bit 0 of a header is never set, a key that is equal to the header does not count either.
        MatchWithHeader(line, key) & (uint)header;

    /// <summary>As <see cref="Match"/>; bit 0 may be set if the key is equal to the header, higher bits than 7 are not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MatchWithHeader(InodeCacheLine* line, ulong key)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return (uint)Vector512.Equals(Vector512.LoadAligned((ulong*)line), Vector512.Create(key)).ExtractMostSignificantBits();
        }

        if (Vector256.IsHardwareAccelerated)
        {
            var wanted = Vector256.Create(key);
            uint low = Vector256.Equals(Vector256.LoadAligned((ulong*)line), wanted).ExtractMostSignificantBits();
            uint high = Vector256.Equals(Vector256.LoadAligned((ulong*)line + 4), wanted).ExtractMostSignificantBits();
            return low | (high << 4);
        }

        return MatchPortable(line, key);
    }

    /// <summary>As <see cref="Match"/>, on machines with vectors of 128 bits or none.</summary>
    public static uint MatchPortable(InodeCacheLine* line, ulong key)
    {
        ulong* keys = (ulong*)line;
        uint match = 0;
        for (int slot = 1; slot <= Slots; slot++)
        {
            match |= (keys[slot] == key ? 1u : 0u) << slot;
        }

        return match;
    }

    /// <summary>Whether the lowest slot of <paramref name="match"/> holds <paramref name="key"/>, by one atomic load.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(InodeCacheLine* line, uint match, ulong key) =>
        Volatile.Read(ref Key(line, BitOperations.TrailingZeroCount(match))) == key;

    private static byte* ReferenceByte(InodeCacheLine* line) => (byte*)line + (BitConverter.IsLittleEndian ? 0 : 7);
}
