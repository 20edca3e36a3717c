using ClusterHsm.Coordination;

namespace ClusterHsm.Diagnostics;

/// <summary>What the findings come to, in words.</summary>
internal static class DoctorConclusion
{
    public static string Write(DoctorReport report)
    {
        List<string> sentences = [Mode(report), ByThemselves(report), Locks(report), Waiting(report.WaitingRule, report.Mode), Asking(report)];
        string[] inTheWay = [.. report.Findings.Where(static f => f.Need == DoctorNeed.Operation && f.Verdict != DoctorVerdict.Holds).Select(static f => $"{f.Id} ({f.Seen})")];
        if (inTheWay.Length > 0)
            sentences.Add($"To be put right first: {string.Join("; ", inTheWay)}.");
        if (report.ShardId is null)
            sentences.Add("The directory is not a shard yet; 'clusterhsm init ROOT --store URI' makes it one.");
        return string.Join(' ', sentences.Where(static sentence => sentence.Length > 0));
    }

    public static HsmException ToException(string root, DoctorFinding finding)
    {
        string cause = finding.Verdict == DoctorVerdict.DoesNotHold
            ? $"{finding.Id} does not hold ({finding.Name}): {finding.Seen}"
            : $"{finding.Id} could not be told ({finding.Name}): {finding.Seen}";
        string remedy = finding.Follows.Length == 0 ? "See the other findings" : char.ToUpperInvariant(finding.Follows[0]) + finding.Follows[1..];
        return finding.Error switch
        {
            HsmError.AccessDenied => new HsmAccessDeniedException(root, cause, remedy),
            HsmError.ReadOnly => new ReadOnlyShardException(root, cause, remedy),
            HsmError.StoreUnavailable => new StoreUnavailableException(root, cause, remedy),
            HsmError.InvalidShard => new InvalidShardException(root, cause, remedy),
            HsmError.NewerFormat => new ShardFormatException(root, cause, remedy),
            HsmError.NoSpace => new NoSpaceException(root, cause, remedy),
            HsmError.NotSupported => new ShardNotSupportedException(root, cause, remedy),
            _ => new ShardFailureException(root, cause, remedy),
        };
    }

    private static string Mode(DoctorReport report)
    {
        string Ids(Func<DoctorFinding, bool> which) => Words.List(report.Findings.Where(which).Select(static finding => finding.Id));
        return report.Mode switch
        {
            SafeMode.RelaxedPossible =>
                $"Relaxed possible: on {report.FileSystemType} nodes may work relaxed, and files may be migrated.",
            SafeMode.StrictOnly =>
                $"Strict only: on {report.FileSystemType} files may be migrated if every node works strictly (LockModePolicy.AlwaysStrict), because of {Ids(static f => f.Need == DoctorNeed.Relaxed && f.Verdict != DoctorVerdict.Holds)}.",
            SafeMode.MigrationRefused =>
                $"Migration refused: on {report.FileSystemType} no file may be released, and nodes work strictly, because of {Ids(static f => f.Need == DoctorNeed.Migration && f.IsFailure)}.",
            _ =>
                $"Not proven: some of what is needed could not be tried ({Ids(static f => f.Need == DoctorNeed.Migration && f.IsOpen)}), so nothing is promised.",
        };
    }

    private static string ByThemselves(DoctorReport report) =>
        report.Mode == SafeMode.RelaxedPossible && report.Findings.Any(static f => f.Id == RecordChecks.FreshOpen.Id && f.Follows.Length > 0)
            ? "They stay strict by themselves until \"cachesProven\" is recorded (records.fresh-open)."
            : "";

    private static string Locks(DoctorReport report) => report.LocksAreNodeLocal
        ? "Byte-range locks are node-local: a lock of one computer is not seen by the others, so no migrator would know of their readers and writers."
        : "";

    private static string Waiting(WaitingRule rule, SafeMode mode) => rule switch
    {
        WaitingRule.QuiesceAndLease => "Before a release a migrator waits for quiesce and for the lease, and each covers for the failure of the other.",
        WaitingRule.LeaseAlone => "Before a release a migrator can rely on the lease alone: a killed node's quiesce lock may stay, and then only a migration that goes on by the lease alone gets through.",
        WaitingRule.QuiesceAlone => "Before a release a migrator can rely on quiesce alone: the clocks are not known to run at one rate, so it must never go on by the lease alone.",
        _ => mode is SafeMode.RelaxedPossible or SafeMode.StrictOnly ? "There is nothing that a migrator could wait for: do not migrate." : "",
    };

    private static string Asking(DoctorReport report)
    {
        if (report.SignalRequests.Count == 0)
            return "";
        if (report.SignalRequests.Contains(SignalRequest.Query))
            return "Nodes may ask for the signal either way (SignalRequest.LockAndUnlock, SignalRequest.Query).";
        DoctorFinding[] inTheWay = [.. report.Findings.Where(static f => f.Verdict != DoctorVerdict.Holds && (f.Id == LockQueryCheck.Seen.Id || f.Id == LockQueryCheck.Free.Id))];
        string why = inTheWay.Any(static f => f.Verdict == DoctorVerdict.DoesNotHold) ? "because of" : "which is not proven here by";
        return $"Nodes are to ask for the signal by SignalRequest.LockAndUnlock, the default, and not by SignalRequest.Query, {why} {Words.List(inTheWay.Select(static f => f.Id))}.";
    }
}
