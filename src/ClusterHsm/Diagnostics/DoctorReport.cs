using ClusterHsm.Coordination;

namespace ClusterHsm.Diagnostics;

/// <summary>What an examination found, and what is safe. Immutable.</summary>
public sealed class DoctorReport
{
    internal DoctorReport(Examination x)
    {
        Root = x.Shard.Root;
        ShardId = x.Descriptor?.ShardId;
        FileSystemType = x.Shard.Capabilities.FileSystemType;
        Findings = [.. x.Findings];
        Mode = ModeOf(Findings);
        WaitingRule = RuleOf(x, Mode);
        SignalRequests = RequestsOf(x, Mode);
        LocksAreNodeLocal = ReachCheck.IsNodeLocal(x);
        Conclusion = DoctorConclusion.Write(this);
    }

    /// <summary>The directory that was examined.</summary>
    public string Root { get; }

    /// <summary>The shard, or null if the directory is none yet.</summary>
    public Guid? ShardId { get; }

    /// <summary>The file system's name.</summary>
    public string FileSystemType { get; }

    /// <summary>What each trial showed, in the order they were made.</summary>
    public IReadOnlyList<DoctorFinding> Findings { get; }

    /// <summary>What is safe here.</summary>
    public SafeMode Mode { get; }

    /// <summary>What a migrator can wait for.</summary>
    public WaitingRule WaitingRule { get; }

    /// <summary>How nodes may ask for the signal here; empty where nothing is promised.</summary>
    public IReadOnlyList<SignalRequest> SignalRequests { get; }

    /// <summary>Whether a byte-range lock was seen or is known to stay on its computer.</summary>
    internal bool LocksAreNodeLocal { get; }

    /// <summary>Mode, rule and ways to ask in plain words, one paragraph.</summary>
    public string Conclusion { get; }

    /// <summary>Whether everything that is needed holds.</summary>
    public bool IsHealthy => Failures.Count == 0;

    /// <summary>
    /// What is needed and does not hold; if there is no such thing, what is needed and could not be tried. Each is an exception of its
    /// own kind, to be thrown or reported.
    /// </summary>
    public IReadOnlyList<HsmException> Failures
    {
        get
        {
            IEnumerable<DoctorFinding> failed = Findings.Where(static finding => finding.IsFailure);
            IEnumerable<DoctorFinding> named = failed.Any() ? failed : Findings.Where(static finding => finding.IsOpen);
            return [.. named.Select(finding => DoctorConclusion.ToException(Root, finding))];
        }
    }

    private static SafeMode ModeOf(IReadOnlyList<DoctorFinding> findings)
    {
        bool Fails(DoctorNeed need) => findings.Any(finding => finding.IsFailure && finding.Need == need);
        bool IsOpen(DoctorNeed need) => findings.Any(finding => finding.IsOpen && finding.Need == need);
        return Fails(DoctorNeed.Migration) ? SafeMode.MigrationRefused
            : IsOpen(DoctorNeed.Migration) ? SafeMode.NotProven
            : Fails(DoctorNeed.Relaxed) || IsOpen(DoctorNeed.Relaxed) ? SafeMode.StrictOnly
            : SafeMode.RelaxedPossible;
    }

    private static SignalRequest[] RequestsOf(Examination x, SafeMode mode)
    {
        if (mode is SafeMode.NotProven or SafeMode.MigrationRefused)
            return [];
        bool query = x.Has(LockQueryCheck.Seen, DoctorVerdict.Holds) && x.Has(LockQueryCheck.Free, DoctorVerdict.Holds);
        return query ? [SignalRequest.LockAndUnlock, SignalRequest.Query] : [SignalRequest.LockAndUnlock];
    }

    private static WaitingRule RuleOf(Examination x, SafeMode mode)
    {
        if (mode is SafeMode.NotProven or SafeMode.MigrationRefused)
            return WaitingRule.None;
        bool quiesce = x.Has(KilledPartnerCheck.Freed, DoctorVerdict.Holds), lease = x.Has(ClockCheck.Rate, DoctorVerdict.Holds);
        return (quiesce, lease) switch
        {
            (true, true) => WaitingRule.QuiesceAndLease,
            (true, false) => WaitingRule.QuiesceAlone,
            (false, true) => WaitingRule.LeaseAlone,
            _ => WaitingRule.None,
        };
    }
}
