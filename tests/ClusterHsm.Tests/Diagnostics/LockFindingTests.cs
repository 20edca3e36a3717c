using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Locks that do less, or more, than the library's use of them needs.</summary>
public sealed class LockFindingTests
{
    private const long Gate = 1L << 62;

    [Test]
    public Task A_lock_that_goes_as_a_whole_when_a_part_is_given_back_is_found() => Break("locks.part", SafeMode.MigrationRefused, static (request, answer) =>
        request is { Operation: PartnerOperation.Lock, Kind: LockKind.Exclusive, Offset: Gate + 1, Length: 1 } ? answer with { Status = LockStatus.Granted } : answer);

    [Test]
    public Task A_lock_whose_rest_cannot_be_taken_anew_is_found() => Break("locks.part", SafeMode.MigrationRefused, static (request, answer) =>
        request is { Operation: PartnerOperation.Lock, Kind: LockKind.Shared, Offset: Gate + 1, Length: 1 } ? answer with { Status = LockStatus.Denied } : answer);

    [Test]
    public async Task A_gate_that_stays_closed_is_found_and_does_no_more_than_starve_writers()
    {
        DoctorReport report = await Break("locks.gate", SafeMode.RelaxedPossible, static (request, answer) =>
            request is { Operation: PartnerOperation.Lock, Kind: LockKind.Exclusive, Offset: Gate, Length: 1 } ? answer with { Status = LockStatus.Denied } : answer);

        report.Findings.Single(finding => finding.Id == "locks.part").Verdict.Should().Be(DoctorVerdict.Holds);
    }

    [Test]
    public async Task A_gate_that_holds_nobody_back_is_found()
    {
        bool waiting = false;
        DoctorBed bed = new()
        {
            AlterThere = (request, answer) =>
            {
                if (request is { Operation: PartnerOperation.Lock, Offset: Gate, Length: 1 })
                    waiting = true;
                else if (request is { Operation: PartnerOperation.Lock, Kind: LockKind.Exclusive, Length: 2 })
                    waiting = false;
                return answer;
            },
            AlterHere = (request, answer) => waiting && request is { Operation: PartnerOperation.Lock, Kind: LockKind.Shared, Length: 2 }
                ? answer with { Status = LockStatus.Granted } : answer,
        };

        DoctorReport report = await bed.ExpectFaultAsync("locks.gate", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.gate").Seen.Should().Contain("a new reader was granted");
    }

    [TestCase(LockKind.Exclusive, LockStatus.Granted, "locks.reader-exclusive", SafeMode.RelaxedPossible)]
    [TestCase(LockKind.Shared, LockStatus.Failed, "locks.reader-shared", SafeMode.MigrationRefused)]
    public async Task Locks_on_a_handle_for_reading_that_are_granted_or_refused_wrongly_are_found(LockKind kind, LockStatus status, string id, SafeMode mode)
    {
        HashSet<long> readers = [];
        DoctorBed bed = new();
        bed.AlterThere = (request, answer) =>
        {
            if (request is { Operation: PartnerOperation.Open, Options: ShardOpenOptions.Read })
                readers.Add(answer.Number);
            return request.Operation == PartnerOperation.Lock && request.Kind == kind && readers.Contains(request.File) ? answer with { Status = status } : answer;
        };

        await bed.ExpectFaultAsync(id, mode);
    }

    [Test]
    public async Task A_lock_that_outlives_its_handle_is_found()
    {
        bool leaked = false;
        DoctorBed bed = new();
        bed.AlterThere = (request, answer) =>
        {
            leaked |= request.Operation == PartnerOperation.LockUnaccounted;
            return answer;
        };
        bed.AlterHere = (request, answer) =>
        {
            if (request.Operation == PartnerOperation.CloseAll)
                leaked = false;
            return leaked && request.Operation == PartnerOperation.Lock ? answer with { Status = LockStatus.Denied } : answer;
        };

        await bed.ExpectFaultAsync("locks.closed", SafeMode.RelaxedPossible);
    }

    private static Task<DoctorReport> Break(string id, SafeMode mode, Func<PartnerRequest, PartnerAnswer, PartnerAnswer> alterHere) =>
        new DoctorBed { AlterHere = alterHere }.ExpectFaultAsync(id, mode);
}
