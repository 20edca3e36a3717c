using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Plays flock and POSIX locks, which files in memory have not, on one file at a time for two sides.</summary>
internal sealed class ProgramLocks
{
    private readonly Dictionary<(bool Here, bool IsFlock), LockKind> _held = [];

    /// <summary>Whether a side sees the other's.</summary>
    public bool AreSeen { get; init; } = true;

    /// <summary>Whether POSIX locks are in the way of the library's own on the other side.</summary>
    public bool AreOneSpace { get; init; } = true;

    /// <summary>Answers on both sides of a bed.</summary>
    public DoctorBed Attach(DoctorBed bed)
    {
        bed.AlterHere = (request, answer) => Answer(here: true, request, answer);
        bed.AlterThere = (request, answer) => Answer(here: false, request, answer);
        return bed;
    }

    private PartnerAnswer Answer(bool here, PartnerRequest request, PartnerAnswer answer)
    {
        switch (request.Operation)
        {
            case PartnerOperation.Flock or PartnerOperation.PosixLock:
                bool isFlock = request.Operation == PartnerOperation.Flock;
                bool isFree = !AreSeen || IsFree(here, isFlock, request.Kind);
                if (isFree)
                    _held[(here, isFlock)] = request.Kind;
                return new PartnerAnswer { Status = isFree ? LockStatus.Granted : LockStatus.Denied };
            case PartnerOperation.Unflock or PartnerOperation.PosixUnlock:
                _held.Remove((here, request.Operation == PartnerOperation.Unflock));
                return new PartnerAnswer();
            case PartnerOperation.Lock when AreOneSpace && !IsFree(here, isFlock: false, request.Kind):
                return answer with { Status = LockStatus.Denied };
            default:
                return answer;
        }
    }

    private bool IsFree(bool here, bool isFlock, LockKind kind) =>
        !_held.TryGetValue((!here, isFlock), out LockKind other) || (kind, other) == (LockKind.Shared, LockKind.Shared);
}
