using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Each way in which a file system can break a promise, and the verdict that follows.</summary>
public sealed class FileSystemFaultTests
{
    [Test]
    public async Task Where_everything_holds_relaxed_is_possible_with_quiesce_and_lease()
    {
        DoctorBed bed = new();

        DoctorReport report = await bed.ExamineAsync();

        report.Failures.Should().BeEmpty();
        report.Findings.Where(finding => finding.Verdict == DoctorVerdict.DoesNotHold).Should().BeEmpty();
        (report.Mode, report.WaitingRule).Should().Be((SafeMode.RelaxedPossible, WaitingRule.QuiesceAndLease));
        report.Conclusion.Should().Contain("Relaxed possible").And.Contain("not a shard yet");
        bed.Reported.Should().Equal(report.Findings);
    }

    [Test]
    public async Task Locks_of_one_computer_alone_refuse_migration()
    {
        DoctorReport report = await new DoctorBed(new InMemoryClusterOptions { LockReach = LockReach.NodeLocal }).ExamineAsync();

        foreach (string id in (string[])["locks.exclusive-here", "locks.exclusive-there", "locks.hsm-offset", "locks.reach"])
            report.Findings.Single(finding => finding.Id == id).Verdict.Should().Be(DoctorVerdict.DoesNotHold, id);
        report.Findings.First(finding => finding.Id == "locks.exclusive-here").Follows.Should().StartWith("locks of one computer are not seen by the other:");
        (report.Mode, report.WaitingRule).Should().Be((SafeMode.MigrationRefused, WaitingRule.None));
        report.Failures.Should().OnlyContain(failure => failure.Error == HsmError.NotSupported).And.NotBeEmpty();
    }

    [Test]
    public async Task Locks_that_are_seen_by_another_client_but_not_known_by_name_are_to_be_recorded()
    {
        DoctorFinding reach = await new DoctorBed(new InMemoryClusterOptions { LockReach = LockReach.Unknown }).FindAsync("locks.reach");

        reach.Verdict.Should().Be(DoctorVerdict.Holds);
        reach.Follows.Should().Contain("\"lockReach\": \"Shared\"");
    }

    [Test]
    public async Task Locks_that_are_known_to_get_lost_refuse_migration_although_every_trial_holds()
    {
        DoctorReport report = await new DoctorBed(new InMemoryClusterOptions { LockReach = LockReach.Unreliable, LockFault = "its server can lose a lock" }).ExamineAsync();

        DoctorFinding reach = report.Findings.Single(finding => finding.Id == "locks.reach");
        (reach.Verdict, report.Mode).Should().Be((DoctorVerdict.DoesNotHold, SafeMode.MigrationRefused));
        reach.Seen.Should().Contain("its server can lose a lock");
        report.Findings.Single(finding => finding.Id == "locks.exclusive-here").Verdict.Should().Be(DoctorVerdict.Holds);
    }

    [Test]
    public async Task The_finding_says_why_locks_stay_on_one_computer_if_the_file_system_knows()
    {
        DoctorReport report = await new DoctorBed(new InMemoryClusterOptions { LockReach = LockReach.NodeLocal, LockFault = "its stack is o2cb" }).ExamineAsync();

        DoctorFinding reach = report.Findings.Single(finding => finding.Id == "locks.reach");
        (reach.Verdict, report.Mode).Should().Be((DoctorVerdict.DoesNotHold, SafeMode.MigrationRefused));
        reach.Seen.Should().Contain("its stack is o2cb").And.EndWith("says that they are node-local");
        report.Conclusion.Should().Contain("Migration refused").And.Contain("Byte-range locks are node-local: a lock of one computer is not seen by the others");
    }

    [Test]
    public async Task Shared_locks_that_fail_are_not_called_node_local()
    {
        DoctorBed bed = new();
        bed.AlterThere = (request, answer) => request is { Operation: PartnerOperation.Lock, Kind: LockKind.Shared } ? answer with { Status = LockStatus.Denied } : answer;

        (await bed.ExamineAsync()).Conclusion.Should().Contain("Migration refused").And.NotContain("node-local");
    }

    /// <remarks>Else "relaxed possible" would stand beside nodes that are strict for ever, with no word on what to do.</remarks>
    [TestCase(false, "*stay strict*because nobody has tried*\"cachesProven\": true*")]
    [TestCase(true, null)]
    public async Task Where_records_are_seen_at_once_and_nodes_stay_strict_all_the_same_it_says_what_to_record(bool isProven, string? follows)
    {
        DoctorBed bed = new(new InMemoryClusterOptions { RecordFault = "nobody has tried" });
        if (isProven)
            bed.Initialize(Coordination.TestBed.NewDescriptor() with { CachesProven = true });

        DoctorReport report = await bed.ExamineAsync();

        DoctorFinding fresh = report.Findings.Single(static finding => finding.Id == "records.fresh-open");
        fresh.Verdict.Should().Be(DoctorVerdict.Holds);
        report.Conclusion.Contains("They stay strict by themselves until \"cachesProven\" is recorded", StringComparison.Ordinal).Should().Be(!isProven);
        if (follows is null)
            fresh.Follows.Should().BeEmpty();
        else
            fresh.Follows.Should().Match(follows);
    }

    [Test]
    public async Task A_partner_on_another_computer_is_another_client_whatever_the_number_of_the_mount_is()
    {
        DoctorBed bed = new(new InMemoryClusterOptions { LockReach = LockReach.Unknown });
        bed.AlterThere = (request, answer) => request.Operation == PartnerOperation.Hello ? answer with { Instance = bed.Here.Root, Computer = "other" } : answer;

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "locks.reach").Seen.Should().StartWith("seen between two computers");
        report.Findings.Single(finding => finding.Id == "partner.started").Seen.Should().EndWith("on another computer");
    }

    [Test]
    public async Task Two_processes_of_one_client_prove_nothing_about_a_file_system_that_is_not_known()
    {
        DoctorBed bed = new(new InMemoryClusterOptions { LockReach = LockReach.Unknown });
        bed.AlterThere = (request, answer) => request.Operation == PartnerOperation.Hello ? answer with { Instance = bed.Here.Root } : answer;

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "locks.reach").Verdict.Should().Be(DoctorVerdict.CouldNotTell);
        report.Mode.Should().Be(SafeMode.NotProven);
        report.Failures.Should().ContainSingle().Which.Message.Should().Contain("--peer");
    }

    [Test]
    public async Task A_lock_call_that_fails_at_the_hsm_offset_is_found()
    {
        DoctorBed bed = new();
        bed.OrderThere = node => node.Faults.OnLock(offset: 1L << 62).Fail(ShardError.TooLarge);

        await Expect(bed, "locks.hsm-offset", SafeMode.MigrationRefused);
    }

    [Test]
    public async Task Shared_locks_that_exclude_each_other_are_found()
    {
        DoctorBed bed = new();
        bed.AlterThere = (request, answer) => request is { Operation: PartnerOperation.Lock, Kind: LockKind.Shared } ? answer with { Status = LockStatus.Denied } : answer;

        await Expect(bed, "locks.shared", SafeMode.MigrationRefused);
    }

    [Test]
    public async Task Whole_file_locks_in_the_guise_of_ranges_are_found()
    {
        DoctorBed bed = new();
        bed.AlterThere = (request, answer) => request is { Operation: PartnerOperation.Lock, Offset: 1, Length: 1 } ? answer with { Status = LockStatus.Denied } : answer;

        await Expect(bed, "locks.slots", SafeMode.MigrationRefused);
    }

    [Test]
    public async Task Locks_that_outlive_their_process_leave_the_lease_alone()
    {
        DoctorBed bed = new() { Kill = static _ => { } };

        DoctorReport report = await Expect(bed, "locks.killed", SafeMode.RelaxedPossible);

        report.WaitingRule.Should().Be(WaitingRule.LeaseAlone);
    }

    [Test]
    public async Task A_clock_that_gains_more_than_the_margin_leaves_quiesce_alone()
    {
        DoctorReport report = await Expect(new DoctorBed(there: new InMemoryNodeOptions { ClockRate = 1.2 }), "clock.rate", SafeMode.RelaxedPossible);

        report.WaitingRule.Should().Be(WaitingRule.QuiesceAlone);
    }

    [Test]
    public async Task Flock_in_one_space_with_ranges_is_found_where_it_is_not_expected()
    {
        bool flocked = false;
        DoctorBed bed = new();
        bed.AlterHere = (request, answer) =>
        {
            if (request.Operation is not (PartnerOperation.Flock or PartnerOperation.Unflock))
                return answer;
            flocked = request.Operation == PartnerOperation.Flock;
            return new PartnerAnswer { Status = LockStatus.Granted };
        };
        bed.AlterThere = (request, answer) => flocked && request.Operation == PartnerOperation.Lock ? answer with { Status = LockStatus.Denied } : answer;

        DoctorReport report = await Expect(bed, "locks.flock", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.flock").Follows.Should().Contain("busy");
    }

    [TestCase(true, "records.locked", SafeMode.MigrationRefused)]
    [TestCase(false, "records.fresh-open", SafeMode.StrictOnly)]
    public async Task Records_that_come_from_a_stale_cache_are_found(bool evenUnderTheLock, string id, SafeMode mode)
    {
        DoctorBed bed = new();
        byte[]? cached = null;
        bool locked = false;
        bed.AlterThere = (request, answer) =>
        {
            if (request.Operation == PartnerOperation.Lock)
                locked = true;
            if (request.Operation == PartnerOperation.Unlock)
                locked = false;
            if (request.Operation != PartnerOperation.ReadAttribute)
                return answer;
            if (locked && !evenUnderTheLock)
                return answer;
            return answer with { Bytes = cached ??= answer.Bytes };
        };

        await Expect(bed, id, mode);
    }

    [Test]
    public async Task Records_that_an_open_handle_never_sees_are_told_and_do_no_harm()
    {
        DoctorBed bed = new();
        bed.AlterThere = static (request, answer) =>
            request.Operation == PartnerOperation.ReadAttribute && answer.Bytes is [(byte)'3'] ? answer with { Bytes = "2"u8.ToArray() } : answer;

        await Expect(bed, "records.open-handle", SafeMode.RelaxedPossible);
    }

    [TestCase(true, "data.here-to-there")]
    [TestCase(false, "data.there-to-here")]
    public async Task A_stale_page_cache_is_found(bool there, string id)
    {
        DoctorBed bed = new();
        Dictionary<int, byte[]> cached = [];
        PartnerAnswer Stale(PartnerRequest request, PartnerAnswer answer) => request.Operation == PartnerOperation.Read && answer.Bytes!.Length >= 1 << 16
            ? answer with { Bytes = cached.TryGetValue(request.File, out byte[]? old) ? old : cached[request.File] = answer.Bytes }
            : answer;
        if (there)
            bed.AlterThere = Stale;
        else
            bed.AlterHere = (request, answer) => request.Length < 1 << 20 ? Stale(request, answer) : answer; // not the hole's bytes

        await Expect(bed, id, SafeMode.MigrationRefused);
    }

    [Test]
    public async Task Sizes_from_a_stale_cache_are_found()
    {
        DoctorBed bed = new();
        bed.AlterThere = static (request, answer) => request.Operation == PartnerOperation.Info ? answer with { Size = answer.Size - 1 } : answer;

        await Expect(bed, "data.size-and-times", SafeMode.MigrationRefused);
    }

    private static IEnumerable<TestCaseData> Poor()
    {
        yield return new TestCaseData(new InMemoryClusterOptions { CanStoreRecords = false }, "records.kept", SafeMode.MigrationRefused);
        yield return new TestCaseData(new InMemoryClusterOptions { CanPunchHoles = false }, "holes.punch", SafeMode.MigrationRefused);
        yield return new TestCaseData(new InMemoryClusterOptions { HolesVisible = false }, "holes.seek", SafeMode.RelaxedPossible);
        yield return new TestCaseData(new InMemoryClusterOptions { AttributesMoveChangeTime = false }, "times.change-time", SafeMode.RelaxedPossible);
        yield return new TestCaseData(new InMemoryClusterOptions { HasLeases = false }, "openers.excluded", SafeMode.RelaxedPossible);
    }

    [TestCaseSource(nameof(Poor))]
    public Task What_a_file_system_lacks_is_found(InMemoryClusterOptions options, string id, SafeMode mode) => Expect(new DoctorBed(options), id, mode);

    private static IEnumerable<TestCaseData> False()
    {
        yield return Case("holes.space", SafeMode.RelaxedPossible, static (request, answer) =>
            request.Operation == PartnerOperation.Info ? answer with { AllocatedBytes = 1 << 20 } : answer);
        yield return Case("holes.times", SafeMode.MigrationRefused, static (request, answer) =>
            request.Operation == PartnerOperation.Info && answer.Modified.Seconds == 1_000_000_000 ? answer with { Modified = new ShardTimestamp(1_000_000_001, 0) } : answer);
        yield return Case("holes.punch", SafeMode.MigrationRefused, static (request, answer) =>
            request is { Operation: PartnerOperation.Read, Length: 1 << 20 } ? answer with { Bytes = [.. answer.Bytes![..^1], 1] } : answer);
        yield return Case("times.granularity", SafeMode.RelaxedPossible, static (request, answer) =>
            request.Operation == PartnerOperation.Touch ? answer with { Modified = new ShardTimestamp(1, 0) } : answer);
        yield return Case("records.kept", SafeMode.MigrationRefused, static (request, answer) =>
            request.Operation == PartnerOperation.ReadAttribute ? answer with { Bytes = null } : answer);

        static TestCaseData Case(string id, SafeMode mode, Func<PartnerRequest, PartnerAnswer, PartnerAnswer> alter) =>
            new TestCaseData(id, mode, alter).SetArgDisplayNames(id);
    }

    [TestCaseSource(nameof(False))]
    public async Task What_a_file_system_tells_wrongly_is_found(string id, SafeMode mode, object alter) =>
        await Expect(new DoctorBed { AlterHere = (Func<PartnerRequest, PartnerAnswer, PartnerAnswer>)alter }, id, mode);

    private static Task<DoctorReport> Expect(DoctorBed bed, string id, SafeMode mode) => bed.ExpectFaultAsync(id, mode);
}
