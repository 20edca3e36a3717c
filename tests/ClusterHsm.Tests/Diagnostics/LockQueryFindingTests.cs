using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Answers to questions after locks that are wrong, and by which request a node may poll then.</summary>
public sealed class LockQueryFindingTests
{
    private static readonly LockResult Broken = new(LockStatus.Failed, ShardError.Other, 22);

    [Test]
    public async Task Where_queries_are_answered_rightly_nodes_may_poll_by_either_request()
    {
        DoctorReport report = await new DoctorBed().ExamineAsync();

        report.SignalRequests.Should().Equal(SignalRequest.LockAndUnlock, SignalRequest.Query);
        report.Conclusion.Should().Contain("either way");
    }

    [Test]
    public async Task Where_queries_were_not_known_to_be_right_what_is_to_be_recorded_is_told([Values] bool isKnown)
    {
        DoctorReport report = await new DoctorBed(new InMemoryClusterOptions { QueriesSeeEveryNode = isKnown, TimestampGranularity = TimeSpan.FromMilliseconds(10) }).ExamineAsync();

        DoctorFinding finding = report.Findings.Single(finding => finding.Id == "locks.query");
        finding.Verdict.Should().Be(DoctorVerdict.Holds);
        finding.Follows.Contains("once shard.json says \"queriesProven\": true", StringComparison.Ordinal).Should().Be(!isKnown);
    }

    [Test]
    public async Task A_query_that_does_not_see_the_other_sides_lock_must_not_be_polled_by([Values] bool there)
    {
        DoctorBed bed = Alter(there, static (request, answer) => Near(request) && answer.Status == LockStatus.Denied ? answer with { Status = LockStatus.Granted } : answer);

        DoctorReport report = await bed.ExpectFaultAsync("locks.query", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.query").Follows.Should().Contain("reads holes");
        ExpectLockAndUnlock(report, "because of locks.query.");
    }

    [Test]
    public async Task A_query_that_refuses_free_bytes_is_of_no_use([Values] bool there)
    {
        DoctorBed bed = Alter(there, static (request, answer) => Near(request) ? answer with { Status = LockStatus.Denied } : answer);

        DoctorReport report = await bed.ExpectFaultAsync("locks.query-free", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.query").Verdict.Should().Be(DoctorVerdict.Holds);
        report.Findings.Single(finding => finding.Id == "locks.query-free").Follows.Should().Contain("stays strict for ever");
        ExpectLockAndUnlock(report, "because of locks.query-free.");
    }

    [Test]
    public async Task A_query_that_is_refused_beside_a_shared_lock_is_of_no_use()
    {
        bool shared = false;
        DoctorBed bed = Alter(there: true, (request, answer) => Near(request) && shared ? answer with { Status = LockStatus.Denied } : answer);
        bed.AlterHere = (request, answer) =>
        {
            shared = request is { Operation: PartnerOperation.Lock, Kind: LockKind.Shared };
            return answer;
        };

        DoctorReport report = await bed.ExpectFaultAsync("locks.query-free", SafeMode.RelaxedPossible);

        ExpectLockAndUnlock(report, "because of locks.query-free.");
    }

    [Test]
    public async Task A_query_that_fails_is_not_taken_for_one_that_sees()
    {
        DoctorBed bed = Alter(there: true, static (request, answer) => Near(request)
            ? answer with { Status = Broken.Status, Number = (long)Broken.Error, NativeError = Broken.NativeError } : answer);

        DoctorReport report = await bed.ExpectFaultAsync("locks.query", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.query").Follows.Should().Contain("stays strict for ever");
        ExpectLockAndUnlock(report, "because of locks.query, locks.query-free.");
    }

    [Test]
    public async Task A_query_that_takes_what_it_asks_about_is_found()
    {
        bool taken = false;
        DoctorBed bed = Alter(there: true, (request, answer) =>
        {
            taken |= Near(request);
            return answer;
        });
        bed.AlterHere = (request, answer) =>
        {
            if (request.Operation == PartnerOperation.CloseAll)
                taken = false;
            return taken && request is { Operation: PartnerOperation.Lock, Kind: LockKind.Exclusive } ? answer with { Status = LockStatus.Denied } : answer;
        };

        DoctorReport report = await bed.ExpectFaultAsync("locks.query-free", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.query").Verdict.Should().Be(DoctorVerdict.CouldNotTell);
        report.SignalRequests.Should().Equal(SignalRequest.LockAndUnlock);
    }

    [Test]
    public async Task Queries_that_are_wrong_only_where_nodes_are_listed_do_not_concern_the_poll()
    {
        DoctorBed bed = Alter(there: true, static (request, answer) => request.Operation == PartnerOperation.QueryLock && !Near(request)
            ? answer with { Status = LockStatus.Denied } : answer);

        DoctorReport report = await bed.ExpectFaultAsync("locks.query-far", SafeMode.RelaxedPossible);

        report.SignalRequests.Should().Contain(SignalRequest.Query);
    }

    [TestCase("memory", DoctorVerdict.CouldNotTell)]
    [TestCase("ext4", DoctorVerdict.Holds)]
    public async Task Two_processes_of_one_client_prove_queries_only_where_there_is_one_computer(string type, DoctorVerdict verdict)
    {
        DoctorBed bed = new(new InMemoryClusterOptions { FileSystemType = type, TimestampGranularity = TimeSpan.FromMilliseconds(10) });
        bed.AlterThere = (request, answer) => request.Operation == PartnerOperation.Hello ? answer with { Instance = bed.Here.Root } : answer;

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "locks.query").Verdict.Should().Be(verdict);
        report.SignalRequests.Contains(SignalRequest.Query).Should().Be(verdict == DoctorVerdict.Holds);
        if (verdict == DoctorVerdict.CouldNotTell)
            ExpectLockAndUnlock(report, "which is not proven here by locks.query.");
    }

    [Test]
    public async Task Where_no_migration_is_safe_no_request_is()
    {
        DoctorReport report = await new DoctorBed(new InMemoryClusterOptions { LockReach = LockReach.NodeLocal }).ExamineAsync();

        report.Findings.Single(finding => finding.Id == "locks.query").Verdict.Should().Be(DoctorVerdict.DoesNotHold);
        report.SignalRequests.Should().BeEmpty();
        report.Conclusion.Should().NotContain("SignalRequest");
    }

    private static void ExpectLockAndUnlock(DoctorReport report, string why)
    {
        report.SignalRequests.Should().Equal(SignalRequest.LockAndUnlock);
        report.Conclusion.Should().EndWith($"not by SignalRequest.Query, {why} The directory is not a shard yet; 'clusterhsm init ROOT --store URI' makes it one.");
    }

    /// <summary>A query of the bytes of the signal, and not of those by which nodes are listed.</summary>
    private static bool Near(PartnerRequest request) => request is { Operation: PartnerOperation.QueryLock, Offset: 0 };

    private static DoctorBed Alter(bool there, Func<PartnerRequest, PartnerAnswer, PartnerAnswer> alter) =>
        there ? new DoctorBed { AlterThere = alter } : new DoctorBed { AlterHere = alter };
}
