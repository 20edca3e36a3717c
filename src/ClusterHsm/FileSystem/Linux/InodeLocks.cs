using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// Who in this process holds which range of one inode, on top of process-owned locks: gives each handle locks of its own.
/// </summary>
/// <remarks>
/// The process's own lock on a byte is at every moment the strongest that any of its handles holds there. Thread-safe: one lock for
/// each inode, held over the (never waiting) fcntl call.
/// </remarks>
internal sealed class InodeLocks(InodeKey key)
{
    private readonly Lock _gate = new();
    private readonly List<(LinuxFileHandle Owner, LockRange Range, LockKind Kind)> _held = [];
    private readonly List<int> _closeLater = [];
    private readonly List<SafeFileHandle> _disposeLater = [];

    internal InodeKey Key => key;

    /// <summary>Open handles. Guarded by <see cref="ProcessLockTable"/>.</summary>
    internal int Users { get; set; }

    internal LockResult TryLock(LinuxFileHandle owner, int descriptor, LockRange range, LockKind kind)
    {
        lock (_gate)
        {
            if (ConflictsInside(owner, range, kind))
                return LockResult.Denied;
            int errno = ProcessOwnedLocks.Call(descriptor, FcntlCommand.F_SETLK, range, TypeOf(kind), out _);
            if (errno != Errno.None)
                return RangeLocks.ResultOf(errno);
            Forget(owner, range);
            _held.Add((owner, range, kind));
            return LockResult.Granted;
        }
    }

    internal LockResult Query(LinuxFileHandle owner, int descriptor, LockRange range, LockKind kind)
    {
        lock (_gate)
        {
            if (ConflictsInside(owner, range, kind))
                return LockResult.Denied;
            int errno = ProcessOwnedLocks.Call(descriptor, FcntlCommand.F_GETLK, range, TypeOf(kind), out LockType found);
            if (errno != Errno.None)
                return RangeLocks.ResultOf(errno);
            return found == LockType.F_UNLCK ? LockResult.Granted : LockResult.Denied;
        }
    }

    internal LockResult Unlock(LinuxFileHandle owner, int descriptor, LockRange range)
    {
        lock (_gate)
        {
            LockResult result = GiveBack(owner, descriptor, range);
            CloseWhatWaited();
            return result;
        }
    }

    /// <summary>Ends a handle: gives its ranges back and closes its descriptor, now or when no other handle holds a lock.</summary>
    internal void CloseDescriptor(LinuxFileHandle owner, int descriptor)
    {
        lock (_gate)
        {
            GiveBack(owner, descriptor, new LockRange(0, long.MaxValue));
            _held.RemoveAll(held => held.Owner == owner); // what could not be given back ends with the last descriptor
            _closeLater.Add(descriptor);
            CloseWhatWaited();
        }
        ProcessLockTable.Leave(this);
    }

    /// <summary>The same for a duplicate that was given out.</summary>
    internal void CloseDuplicate(SafeFileHandle duplicate)
    {
        lock (_gate)
        {
            _disposeLater.Add(duplicate);
            CloseWhatWaited();
        }
    }

    private static LockType TypeOf(LockKind kind) => kind == LockKind.Shared ? LockType.F_RDLCK : LockType.F_WRLCK;

    private bool ConflictsInside(LinuxFileHandle owner, LockRange range, LockKind kind)
    {
        foreach (var held in _held)
        {
            if (held.Owner != owner && held.Range.Overlaps(range) && (kind == LockKind.Exclusive || held.Kind == LockKind.Exclusive))
                return true;
        }
        return false;
    }

    private LockResult GiveBack(LinuxFileHandle owner, int descriptor, LockRange range)
    {
        LockResult result = LockResult.Granted;
        List<LockRange> mine = [.. _held.Where(h => h.Owner == owner && h.Range.Overlaps(range)).Select(h => Intersection(h.Range, range))];
        foreach (LockRange part in mine)
        {
            foreach (LockRange alone in WithoutOthers(owner, part))
            {
                int errno = ProcessOwnedLocks.Call(descriptor, FcntlCommand.F_SETLK, alone, LockType.F_UNLCK, out _);
                if (errno != Errno.None)
                    result = RangeLocks.ResultOf(errno);
            }
        }
        if (result.IsGranted)
            Forget(owner, range);
        return result;
    }

    /// <summary>The parts of a range that no other handle holds: only those may be given back to the kernel.</summary>
    private List<LockRange> WithoutOthers(LinuxFileHandle owner, LockRange range)
    {
        List<LockRange> parts = [range];
        foreach (var held in _held)
        {
            if (held.Owner != owner)
                parts = [.. parts.SelectMany(part => Difference(part, held.Range))];
        }
        return parts;
    }

    private void Forget(LinuxFileHandle owner, LockRange range)
    {
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            var held = _held[i];
            if (held.Owner != owner || !held.Range.Overlaps(range))
                continue;
            _held.RemoveAt(i);
            foreach (LockRange rest in Difference(held.Range, range))
                _held.Add((owner, rest, held.Kind));
        }
    }

    private void CloseWhatWaited()
    {
        if (_held.Count > 0)
            return;
        foreach (int descriptor in _closeLater)
            LinuxNative.Close(descriptor);
        foreach (SafeFileHandle duplicate in _disposeLater)
            duplicate.Dispose();
        _closeLater.Clear();
        _disposeLater.Clear();
    }

    private static LockRange Intersection(LockRange a, LockRange b)
    {
        long start = Math.Max(a.Offset, b.Offset);
        return new LockRange(start, Math.Min(a.End, b.End) - start);
    }

    private static IEnumerable<LockRange> Difference(LockRange whole, LockRange taken)
    {
        if (!whole.Overlaps(taken))
        {
            yield return whole;
            yield break;
        }
        if (taken.Offset > whole.Offset)
            yield return new LockRange(whole.Offset, taken.Offset - whole.Offset);
        if (taken.End < whole.End)
            yield return new LockRange(taken.End, whole.End - taken.End);
    }
}
