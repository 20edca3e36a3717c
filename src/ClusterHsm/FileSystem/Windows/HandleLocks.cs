using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>The byte-range locks of one handle: LockFileEx, with an account of what is held, which that call cannot be asked.</summary>
/// <remarks>
/// <para>LockFileEx (MSDN): locks belong to the handle and end with it. An exclusive lock overlaps none, not even the handle's own; a
/// shared lock may lie over the handle's own exclusive one, and then the first unlock takes the exclusive one. UnlockFileEx takes
/// exactly the ranges that were locked.</para>
/// <para>So ranges of up to <see cref="ShortRange"/> bytes are locked byte by byte, and any part of them can be given back or converted.
/// From exclusive to shared leads a step without a gap; from shared to exclusive none does: if that is refused, nothing is left, and the
/// answer is a failure that is worth another attempt. A part of a long exclusive range cannot be given back by itself.</para>
/// <para>Locks are mandatory on Windows: they belong where no data is. Thread-safe.</para>
/// </remarks>
internal sealed class HandleLocks(SafeFileHandle file, bool canRead, bool canWrite)
{
    internal const long ShortRange = 64;

    private static readonly LockResult NotAllowed = new(LockStatus.Failed, ShardError.AccessDenied, Win32Error.AccessDenied);
    private static readonly LockResult CannotBeDone = new(LockStatus.Failed, ShardError.NotSupported, Win32Error.NotSupported);
    private static readonly LockResult LostOnTheWay = new(LockStatus.Failed, ShardError.Temporary, Win32Error.LockViolation);

    private readonly Lock _gate = new();

    // Each one lock of LockFileEx; they share no byte.
    private readonly List<(LockRange Range, LockKind Kind)> _held = [];

    internal LockResult TryLock(LockRange range, LockKind kind)
    {
        if (!IsValid(range))
            return new LockResult(LockStatus.Failed, ShardError.TooLarge, Win32Error.InvalidParameter);
        if (kind == LockKind.Shared ? !canRead : !canWrite)
            return NotAllowed;
        lock (_gate)
        {
            if (!TrySplit(range, out LockResult failure))
                return failure;
            List<LockRange> taken = [];
            bool isBroken = false;
            foreach (LockRange piece in Pieces(range))
            {
                int index = _held.FindIndex(held => held.Range == piece);
                bool isConversion = index >= 0 && _held[index].Kind != kind;
                LockResult answer = index < 0 ? Take(piece, kind) : Again(index, kind);
                if (answer.IsGranted)
                {
                    if (index < 0)
                        taken.Add(piece);
                    isBroken |= isConversion; // what was converted cannot be put back without a gap
                    continue;
                }
                isBroken |= index >= 0;
                foreach (LockRange mine in isBroken ? Pieces(range) : taken)
                    Drop(mine);
                return isBroken && answer.Status == LockStatus.Denied ? LostOnTheWay : answer;
            }
            return LockResult.Granted;
        }
    }

    /// <summary>
    /// Asks by locking and unlocking at once, because there is no other way to ask: for that moment, another's attempt may be refused.
    /// </summary>
    internal LockResult Query(LockRange range, LockKind kind)
    {
        if (!IsValid(range))
            return new LockResult(LockStatus.Failed, ShardError.TooLarge, Win32Error.InvalidParameter);
        lock (_gate)
        {
            // Where this handle holds more than that, nobody else is in the way; who shares what it shares cannot be seen.
            if (kind == LockKind.Exclusive && _held.Exists(held => held.Kind == LockKind.Shared && held.Range.Overlaps(range)))
                return CannotBeDone;
            foreach (LockRange gap in Gaps(range))
            {
                int error = NativeLocks.Lock(file, gap, kind);
                if (error != Win32Error.None)
                    return ResultOf(error);
                error = NativeLocks.Unlock(file, gap);
                if (error != Win32Error.None)
                    return ResultOf(error);
            }
            return file.IsClosed ? ResultOf(Win32Error.InvalidHandle) : LockResult.Granted;
        }
    }

    internal LockResult Unlock(LockRange range)
    {
        lock (_gate)
        {
            if (!TrySplit(range, out LockResult failure))
                return failure;
            LockResult answer = LockResult.Granted;
            foreach ((LockRange held, _) in _held.FindAll(held => held.Range.Overlaps(range)))
            {
                LockResult dropped = Drop(held);
                if (!dropped.IsGranted)
                    answer = dropped;
            }
            return answer;
        }
    }

    /// <summary>Gives back all that the handle holds.</summary>
    internal void UnlockAll() => Unlock(new LockRange(0, long.MaxValue));

    /// <summary>What an error number of a lock call means (R9): never a grant.</summary>
    internal static LockResult ResultOf(int error) => error switch
    {
        Win32Error.None => LockResult.Granted,
        Win32Error.LockViolation => LockResult.Denied with { NativeError = error },
        Win32Error.IoPending => new(LockStatus.Failed, ShardError.Other, error),
        _ => new(LockStatus.Failed, WindowsErrors.KindOf(error), error),
    };

    private static bool IsValid(LockRange range) => range.Offset >= 0 && range.Length > 0 && range.Length <= long.MaxValue - range.Offset;

    private LockResult Take(LockRange piece, LockKind kind)
    {
        LockResult answer = ResultOf(NativeLocks.Lock(file, piece, kind));
        if (answer.IsGranted)
            _held.Add((piece, kind));
        return answer;
    }

    /// <summary>Takes anew, or converts, what is held.</summary>
    private LockResult Again(int index, LockKind kind)
    {
        (LockRange piece, LockKind was) = _held[index];
        int error;
        switch (was, kind)
        {
            case (LockKind.Shared, LockKind.Shared):
            case (LockKind.Exclusive, LockKind.Shared):
                error = NativeLocks.Lock(file, piece, LockKind.Shared);
                if (error == Win32Error.None)
                    error = NativeLocks.Unlock(file, piece);
                break;
            case (LockKind.Shared, LockKind.Exclusive):
                error = NativeLocks.Unlock(file, piece);
                if (error == Win32Error.None)
                    error = NativeLocks.Lock(file, piece, LockKind.Exclusive);
                break;
            default:
                // Refused because of this handle's own lock, which ends only with the handle; granted, it had been lost and is had anew.
                error = NativeLocks.Lock(file, piece, LockKind.Exclusive);
                if (error == Win32Error.LockViolation)
                    error = Win32Error.None;
                break;
        }
        if (error == Win32Error.None)
            _held[index] = (piece, kind);
        return ResultOf(error);
    }

    private LockResult Drop(LockRange piece)
    {
        if (_held.RemoveAll(held => held.Range == piece) == 0)
            return LockResult.Granted;
        int error = NativeLocks.Unlock(file, piece);
        return ResultOf(error == Win32Error.NotLocked ? Win32Error.None : error);
    }

    /// <summary>Makes a lock that lies partly in a range two or three.</summary>
    private bool TrySplit(LockRange range, out LockResult failure)
    {
        failure = LockResult.Granted;
        foreach ((LockRange held, LockKind kind) in _held.FindAll(held => held.Range.Overlaps(range)))
        {
            List<LockRange> parts = [.. Cut(held, range)];
            if (parts.Count == 1)
                continue;
            if (kind == LockKind.Exclusive)
            {
                failure = CannotBeDone;
                return false;
            }
            // The parts are taken over the whole before that goes.
            foreach (LockRange part in parts)
            {
                failure = Take(part, LockKind.Shared);
                if (!failure.IsGranted)
                    return false;
            }
            failure = Drop(held);
            if (!failure.IsGranted)
                return false;
        }
        return true;
    }

    private static IEnumerable<LockRange> Cut(LockRange whole, LockRange by)
    {
        long start = Math.Max(whole.Offset, by.Offset), end = Math.Min(whole.End, by.End);
        if (start > whole.Offset)
            yield return new LockRange(whole.Offset, start - whole.Offset);
        yield return new LockRange(start, end - start);
        if (end < whole.End)
            yield return new LockRange(end, whole.End - end);
    }

    /// <summary>A range as locks: those that are held, and what is to be taken between them.</summary>
    private List<LockRange> Pieces(LockRange range)
    {
        List<LockRange> pieces = [.. _held.Where(held => held.Range.Overlaps(range)).Select(held => held.Range)];
        foreach (LockRange gap in Gaps(range))
        {
            if (range.Length > ShortRange)
                pieces.Add(gap);
            else
                pieces.AddRange(Enumerable.Range(0, (int)gap.Length).Select(i => new LockRange(gap.Offset + i, 1)));
        }
        pieces.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        return pieces;
    }

    /// <summary>The parts of a range that are not held.</summary>
    private List<LockRange> Gaps(LockRange range)
    {
        List<LockRange> gaps = [];
        long at = range.Offset;
        foreach ((LockRange held, _) in _held.Where(held => held.Range.Overlaps(range)).OrderBy(held => held.Range.Offset))
        {
            if (held.Offset > at)
                gaps.Add(new LockRange(at, held.Offset - at));
            at = held.End;
        }
        if (at < range.End)
            gaps.Add(new LockRange(at, range.End - at));
        return gaps;
    }
}
