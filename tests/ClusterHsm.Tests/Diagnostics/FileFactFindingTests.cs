using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Inode numbers, what is seen of a write without a lock, and the length of records.</summary>
public sealed class FileFactFindingTests
{
    [TestCase(false, SafeMode.RelaxedPossible)]
    [TestCase(true, SafeMode.MigrationRefused)]
    public async Task Inode_numbers_that_differ_between_the_sides_break_a_shard_with_a_key(bool hasKey, SafeMode mode)
    {
        DoctorBed bed = new() { AlterThere = Renumber(static number => number ^ 1UL << 40) };
        if (hasKey)
        {
            ShardKey key = ShardKey.New();
            ShardDescriptor.Initialize(bed.Cluster.AddNode("init"), TestBed.NewDescriptor() with { KeyId = key.Id }, key, null);
        }

        await bed.ExpectFaultAsync("inodes.equal", mode);
    }

    [Test]
    public async Task Inode_numbers_that_change_from_open_to_open_leave_strict_mode_only([Values] bool there)
    {
        ulong opened = 0;
        Func<PartnerRequest, PartnerAnswer, PartnerAnswer> alter = (request, answer) =>
            request.Operation == PartnerOperation.Open ? answer with { Inode = 1000 + opened++ } : answer;

        DoctorReport report = await (there ? new DoctorBed { AlterThere = alter } : new DoctorBed { AlterHere = alter }).ExpectFaultAsync("inodes.stable", SafeMode.StrictOnly);

        report.Findings.Single(finding => finding.Id == "inodes.stable").Seen.Should().StartWith(there ? "there, " : "here, ");
    }

    [Test]
    public async Task Two_files_with_one_inode_number_leave_strict_mode_only()
    {
        DoctorBed bed = new() { AlterHere = Renumber(static _ => 7), AlterThere = Renumber(static _ => 7) };

        DoctorReport report = await bed.ExpectFaultAsync("inodes.stable", SafeMode.StrictOnly);

        report.Findings.Single(finding => finding.Id == "inodes.equal").Verdict.Should().Be(DoctorVerdict.Holds);
    }

    [TestCase(3, "late there, at once here")]
    [TestCase(int.MaxValue, "not within 10 s there, at once here")]
    public async Task Sizes_that_are_seen_late_without_a_lock_are_told_and_do_no_harm(int looks, string seen)
    {
        Dictionary<int, (PartnerAnswer Answer, int Count)> cached = [];
        bool locked = false;
        DoctorBed bed = new();
        bed.AlterThere = (request, answer) =>
        {
            locked = request.Operation == PartnerOperation.Lock || (locked && request.Operation != PartnerOperation.Unlock);
            if (request.Operation != PartnerOperation.Info || locked)
                return answer;
            (PartnerAnswer old, int count) = cached.GetValueOrDefault(request.File, (answer, 0));
            cached[request.File] = (old, count + 1);
            return count < looks ? old : answer;
        };

        DoctorReport report = await bed.ExpectFaultAsync("data.unlocked", SafeMode.RelaxedPossible);

        report.Findings.Single(finding => finding.Id == "data.unlocked").Seen.Should().EndWith(seen);
        report.Findings.Single(finding => finding.Id == "data.size-and-times").Verdict.Should().Be(DoctorVerdict.Holds);
    }

    [Test]
    public async Task Records_that_must_be_short_are_found_with_the_length_that_fits()
    {
        DoctorReport report = await new DoctorBed(new InMemoryClusterOptions { MaxAttributeLength = 600 }).ExpectFaultAsync("records.size", SafeMode.MigrationRefused);

        report.Findings.Single(finding => finding.Id == "records.size").Seen.Should().EndWith("600 bytes are the most that were kept");
    }

    [Test]
    public async Task Long_records_that_come_back_cut_are_found()
    {
        DoctorBed bed = new();
        bed.AlterHere = static (request, answer) => request.Operation == PartnerOperation.ReadAttribute && answer.Bytes?.Length > 512
            ? answer with { Bytes = answer.Bytes[..512] } : answer;

        await bed.ExpectFaultAsync("records.size", SafeMode.MigrationRefused);
    }

    private static Func<PartnerRequest, PartnerAnswer, PartnerAnswer> Renumber(Func<ulong, ulong> number) => (request, answer) =>
        request.Operation is PartnerOperation.Open or PartnerOperation.Info ? answer with { Inode = number(answer.Inode) } : answer;
}
