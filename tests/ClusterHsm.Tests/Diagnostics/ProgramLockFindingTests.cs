using ClusterHsm.Diagnostics;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>flock and POSIX locks, which other programs take.</summary>
public sealed class ProgramLockFindingTests
{
    [TestCase("locks.flock-reach")]
    [TestCase("locks.posix")]
    public async Task Where_the_other_side_sees_them_it_holds(string id)
    {
        DoctorFinding finding = await new ProgramLocks().Attach(new DoctorBed()).FindAsync(id);

        finding.Verdict.Should().Be(DoctorVerdict.Holds, finding.Seen);
    }

    [TestCase("locks.flock-reach", "File.Open")]
    [TestCase("locks.posix", "gVisor")]
    public async Task Where_the_other_side_does_not_see_them_it_is_told_what_follows(string id, string follows)
    {
        DoctorBed bed = new ProgramLocks { AreSeen = false }.Attach(new DoctorBed());

        DoctorReport report = await bed.ExpectFaultAsync(id, SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == id).Follows.Should().Contain(follows);
    }

    [Test]
    public async Task POSIX_locks_beside_the_librarys_own_are_found()
    {
        DoctorBed bed = new ProgramLocks { AreOneSpace = false }.Attach(new DoctorBed());

        DoctorReport report = await bed.ExpectFaultAsync("locks.posix", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "locks.posix").Seen.Should().Contain("the library's own lock on the other was granted");
    }
}
