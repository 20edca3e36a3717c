using System.Numerics;
using System.Runtime.CompilerServices;

namespace ClusterHsm.Caching;

/// <summary>The inodes that this node has seen to be regular files: bounded, and emptied by one increment.</summary>
/// <remarks>
/// <para>
/// A set-associative table: an inode number is hashed to a line of 64 bytes that holds seven of them and the epoch they
/// were inserted in. A line of another epoch than the present one is empty, so <see cref="Clear"/> is one increment
/// at any size (protocol rule R5). A full line gives up the entry that second chance picks.
/// </para>
/// <para>
/// <b>Thread-safety.</b> All members may be called by any thread at any time. <see cref="Contains"/> and
/// <see cref="Remove"/> take no lock and never wait; <see cref="TryAdd"/> locks one line for some nanoseconds and
/// gives up rather than wait long. Nothing allocates.
/// </para>
/// <para>
/// <b>Cost.</b> Each operation is O(1) and touches one cache line. Memory is 64/6.5 ≈ 9.85 bytes an entry of
/// <see cref="Capacity"/>, outside the GC heap, taken from the system as lines are first used and given back when the
/// cache is collected. There is one line of seven for each 6.5 entries, because lines do not fill evenly.
/// </para>
/// <para>
/// <b>Why a racing reader is harmless.</b> All keys of a line are of its header's epoch: only the owner of the line's lock
/// writes keys or epoch (a removal only zeroes a key), it writes keys of the header's epoch alone, and when it moves a line to a newer epoch it
/// zeroes the keys before it publishes the header (release). A reader loads the header first (acquire), then the
/// keys, then the present epoch (read barrier; on arm64 these are real instructions). If the header showed epoch
/// <c>e</c>, the keys are of <c>e</c> or newer; if one is newer, its writer had seen a newer present epoch, so the reader's last
/// load does too and the look counts as a miss. A hit is thus true at the instant of that last load, and R6 has the
/// caller look at the epoch once more after its read. That the keys are compared by vector, together with the header, changes
/// nothing in it: the vector only proposes a slot, and one atomic load after the header's confirms it.
/// </para>
/// </remarks>
public sealed unsafe class InodeCache
{
    /// <summary>Tries for a line's lock before an insert is dropped; the lock is held for some ten nanoseconds.</summary>
    private const int LockTries = 32;

    /// <summary>6.5 entries of capacity for a line of seven slots: the eighth part of memory that uneven lines would waste.</summary>
    private const int EntriesOfTwoLines = 13;

    private readonly InodeCacheLine* _lines;
    private readonly ulong _lineCount;
    private readonly InodeCacheBuffer _buffer;

    /// <summary>Makes an empty cache, at epoch 1.</summary>
    /// <param name="capacity">
    /// Entries, 1 to <see cref="int.MaxValue"/>; 64/6.5 bytes of memory for each, taken when it is first used.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1.</exception>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public InodeCache(int capacity = 1_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _lineCount = (((ulong)capacity * 2) + EntriesOfTwoLines - 1) / EntriesOfTwoLines;
        _buffer = new InodeCacheBuffer((long)_lineCount);
        _lines = _buffer.Lines;
        Volatile.Write(ref InodeCacheBuffer.EpochBefore(_lines), 1);
    }

    /// <summary>
    /// Entries the cache was made for. It never holds more than seven for each 6.5 of these, rounded up to a whole line; of as
    /// many distinct inodes as this it keeps some 88 %, until more are offered.
    /// </summary>
    public int Capacity { get; }

    /// <summary>Bytes of address space that the cache takes; real memory is taken as lines are first used.</summary>
    public long MemoryBytes => _buffer.Bytes;

    /// <summary>The present epoch; starts at 1 and only grows.</summary>
    public long Epoch
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long epoch = Volatile.Read(ref InodeCacheBuffer.EpochBefore(_lines));
            GC.KeepAlive(this);
            return epoch;
        }
    }

    /// <summary>
    /// Whether the inode was added in epoch <paramref name="epoch"/>, and that is still the present one.
    /// </summary>
    /// <param name="inode">The inode number. 0 is never contained.</param>
    /// <param name="epoch">The epoch the caller works in, read from <see cref="Epoch"/>.</param>
    /// <returns>False also for an inode that had to make room for others.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ulong inode, long epoch)
    {
        InodeCacheLine* lines = _lines; // read once: the compiler must not keep it over an acquire by itself
        InodeCacheLine* line = LineOf(lines, inode);
        ulong header = InodeCacheLine.ReadHeader(line);

        // Nearly every hit is of a slot that was hit before: one test tells that, and that there is a slot at all.
        uint match = InodeCacheLine.MatchReferenced(line, header, inode);
        if (match == 0)
        {
            // Not there, or hit for the first time. Without a call, for which a caller's loop would have to spill what it has in registers.
            match = InodeCacheLine.Match(line, inode);
            if (match == 0 || !IsHeld(line, header, match, inode, epoch))
            {
                GC.KeepAlive(this);
                return false;
            }

            InodeCacheLine.Touch(line, header, match);
        }
        else if (!IsHeld(line, header, match, inode, epoch))
        {
            GC.KeepAlive(this);
            return false;
        }

        Volatile.ReadBarrier();
        if (Volatile.Read(ref InodeCacheBuffer.EpochBefore(lines)) != epoch)
        {
            GC.KeepAlive(this);
            return false;
        }

        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Adds an inode that was seen, in epoch <paramref name="epoch"/>, to be a regular file.</summary>
    /// <param name="inode">The inode number. 0 is refused.</param>
    /// <param name="epoch">The value of <see cref="Epoch"/> read before the file was looked at.</param>
    /// <returns>
    /// True if the inode is in the cache of epoch <paramref name="epoch"/>. False if that epoch is over, or if
    /// another thread was changing the same line for long: it is a cache, the next look finds the file anew.
    /// </returns>
    public bool TryAdd(ulong inode, long epoch)
    {
        if (inode == 0 || (ulong)epoch >= InodeCacheLine.EpochLimit)
        {
            return false;
        }

        InodeCacheLine* line = LineOf(_lines, inode);

        // An inode that is there already is not worth taking the line from its readers.
        bool added = Contains(inode, epoch) || (TryLock(line, epoch, out ulong header) && AddLocked(line, header, inode, epoch));
        GC.KeepAlive(this);
        return added;
    }

    /// <summary>Removes an inode from the present epoch.</summary>
    /// <param name="inode">The inode number.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ulong inode)
    {
        if (inode == 0)
        {
            return false;
        }

        InodeCacheLine* line = LineOf(_lines, inode);
        ulong header = InodeCacheLine.ReadHeader(line);
        uint match = InodeCacheLine.Match(line, inode);

        // Without the line's lock: an inserter in this line may write over the slot before or after, never back.
        bool removed = match != 0
            && Interlocked.CompareExchange(ref InodeCacheLine.Key(line, BitOperations.TrailingZeroCount(match)), 0, inode) == inode
            && InodeCacheLine.EpochOf(header) == Epoch;
        GC.KeepAlive(this);
        return removed;
    }

    /// <summary>Begins a new epoch, in which the cache is empty: one interlocked increment, whatever the size.</summary>
    /// <returns>The new epoch.</returns>
    /// <remarks>
    /// Once it has returned, no look with any epoch finds what was added before. An insert under way with an older epoch
    /// stays without effect. After 2⁴⁸ clears (nine years of one each microsecond) inserts are refused.
    /// </remarks>
    public long Clear()
    {
        long epoch = Interlocked.Increment(ref InodeCacheBuffer.EpochBefore(_lines));
        GC.KeepAlive(this);
        return epoch;
    }

    // A removed slot holds 0 and may still have its reference bit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsHeld(InodeCacheLine* line, ulong header, uint match, ulong inode, long epoch) =>
        inode != 0 && InodeCacheLine.EpochOf(header) == epoch && InodeCacheLine.Holds(line, match, inode);

    private static bool TryLock(InodeCacheLine* line, long epoch, out ulong header)
    {
        for (int attempt = 0; attempt < LockTries; attempt++)
        {
            header = InodeCacheLine.ReadHeader(line);
            if (InodeCacheLine.EpochOf(header) > epoch)
            {
                return false;
            }

            if ((header & InodeCacheLine.LockBit) == 0 && InodeCacheLine.TryLock(line, header))
            {
                return true;
            }

            Thread.SpinWait(4);
        }

        header = 0;
        return false;
    }

    private bool AddLocked(InodeCacheLine* line, ulong header, ulong inode, long epoch)
    {
        // Asked under the lock only to spare the line a useless insert: a Clear right after it makes the key one of an
        // epoch that is over, in a line whose header says so.
        if (Epoch != epoch)
        {
            InodeCacheLine.Unlock(line, header);
            return false;
        }

        if (InodeCacheLine.EpochOf(header) != epoch)
        {
            StartLine(line, inode, epoch);
            return true;
        }

        if (InodeCacheLine.Match(line, inode) != 0)
        {
            InodeCacheLine.Unlock(line, header);
            return true;
        }

        uint references = InodeCacheLine.ReadReferences(line);
        int hand = InodeCacheLine.HandOf(header);
        uint empty = InodeCacheLine.Match(line, 0);
        int slot;
        if (empty != 0)
        {
            slot = BitOperations.TrailingZeroCount(empty);
            references &= ~(1u << slot);
        }
        else
        {
            // The lowest bit of the hash is as good as a coin, as others choose the line, and costs no state that threads would share.
            bool moveHand = (InodeHash.Mix(inode) & 1) != 0;
            (slot, references, hand) = SecondChance.Choose(references, hand, moveHand);
        }

        Volatile.Write(ref InodeCacheLine.Key(line, slot), inode);
        InodeCacheLine.Publish(line, epoch, hand, references);
        return true;
    }

    private static void StartLine(InodeCacheLine* line, ulong inode, long epoch)
    {
        // Readers of the new epoch see the old header, and miss, until all old keys are gone.
        for (int slot = 2; slot <= InodeCacheLine.Slots; slot++)
        {
            Volatile.Write(ref InodeCacheLine.Key(line, slot), 0);
        }

        Volatile.Write(ref InodeCacheLine.Key(line, 1), inode);
        InodeCacheLine.Publish(line, epoch, hand: 1, references: 0);
    }

    // Scaled, not reduced by a remainder (D. Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 2019). 32 bits of
    // hash do, as no capacity has more than 2^29 lines.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private InodeCacheLine* LineOf(InodeCacheLine* lines, ulong inode) => lines + (nint)((InodeHash.Mix(inode) * _lineCount) >> 32);
}
