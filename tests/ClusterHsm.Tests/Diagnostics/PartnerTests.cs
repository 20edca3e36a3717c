using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Partners that do not come, do not stay, do not answer, or are somewhere else.</summary>
public sealed class PartnerTests
{
    [Test]
    public async Task A_partner_that_does_not_start_leaves_what_needs_none()
    {
        DoctorBed bed = new() { Start = static _ => throw new IOException("no such program") };

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "locks.shared").Verdict.Should().Be(DoctorVerdict.CouldNotTell);
        report.Findings.Single(finding => finding.Id == "holes.punch").Verdict.Should().Be(DoctorVerdict.Holds);
        report.Failures.Should().ContainSingle().Which.Message.Should().Contain("no such program");
        report.Mode.Should().Be(SafeMode.NotProven);
    }

    [Test]
    public async Task A_partner_that_dies_half_way_is_told_and_the_rest_goes_on()
    {
        DoctorBed bed = new();
        int asked = 0;
        bed.AlterThere = (request, answer) => request.Operation == PartnerOperation.ReadAttribute && ++asked > 1 ? throw new IOException("it is gone") : answer;

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "locks.shared").Verdict.Should().Be(DoctorVerdict.Holds);
        report.Findings.Single(finding => finding.Id == "records.locked").Seen.Should().Contain("it is gone");
        report.Findings.Single(finding => finding.Id == "holes.punch").Verdict.Should().Be(DoctorVerdict.Holds);
        report.Failures.Should().ContainSingle().Which.Message.Should().Contain("partner.lasted");
        bed.LeftFiles("").Should().BeEmpty();
    }

    [Test]
    public async Task A_partner_that_hangs_is_waited_for_once()
    {
        DoctorBed bed = new() { AnswerTimeout = TimeSpan.FromMilliseconds(200) };
        IDoctorPartner real = bed.NewPartner();
        ScriptedPartner hung = new((request, cancel) => PartnerJson.ReadRequest(request).Operation == PartnerOperation.Lock
            ? Task.Delay(Timeout.Infinite, cancel).ContinueWith(static _ => "", TaskScheduler.Default)
            : real.AskAsync(request, cancel).AsTask());
        bed.Start = _ => ValueTask.FromResult<IDoctorPartner>(hung);

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "partner.lasted").Seen.Should().Contain("did not answer within 200 ms when it was asked to lock");
        hung.IsDisposed.Should().BeTrue();
    }

    [Test]
    public async Task A_partner_that_talks_nonsense_is_no_partner()
    {
        DoctorBed bed = new() { Start = static _ => ValueTask.FromResult<IDoctorPartner>(new ScriptedPartner(static (_, _) => Task.FromResult("hello"))) };

        DoctorFinding started = await bed.FindAsync("partner.started");

        started.Verdict.Should().Be(DoctorVerdict.DoesNotHold);
        started.Seen.Should().Contain("cannot be read");
    }

    [Test]
    public async Task A_partner_with_a_read_only_mount_is_one_failure()
    {
        DoctorReport report = await new DoctorBed(there: new InMemoryNodeOptions { IsReadOnly = true }).ExamineAsync();

        report.Failures.Should().ContainSingle().Which.Error.Should().Be(HsmError.ReadOnly);
        report.Findings.Single(finding => finding.Id == "locks.shared").Verdict.Should().Be(DoctorVerdict.CouldNotTell);
    }

    [Test]
    public async Task Another_shard_is_refused()
    {
        DoctorBed bed = new() { HasAnotherMount = true }, other = new();
        bed.Initialize(TestBed.NewDescriptor());
        other.Initialize(TestBed.NewDescriptor() with { ShardId = Guid.NewGuid() });
        bed.Start = _ => ValueTask.FromResult(other.NewPartner());

        await bed.Invoking(b => b.ExamineAsync()).Should().ThrowAsync<NotAShardException>().WithMessage("*not another mount*");
        bed.LeftFiles(ControlFolder.Name).Should().BeEmpty();
    }

    [Test]
    public async Task Another_volume_is_refused_by_the_file_that_is_not_there()
    {
        DoctorBed bed = new() { HasAnotherMount = true }, other = new();
        bed.Start = _ => ValueTask.FromResult(other.NewPartner());

        await bed.Invoking(b => b.ExamineAsync()).Should().ThrowAsync<NotAShardException>().WithMessage("*was not seen there*");
        bed.LeftFiles("").Should().BeEmpty();
    }

    [Test]
    public async Task A_cancelled_examination_removes_its_files_and_ends_its_partner()
    {
        DoctorBed bed = new();
        using CancellationTokenSource ctrlC = new();
        bed.AlterThere = (request, answer) =>
        {
            if (request.Operation == PartnerOperation.Write)
                ctrlC.Cancel();
            return answer;
        };

        await bed.Invoking(b => b.ExamineAsync(ctrlC.Token)).Should().ThrowAsync<OperationCanceledException>();

        bed.LeftFiles("").Should().BeEmpty();
        bed.Cluster.Nodes.Sum(node => node.OpenFileCount).Should().Be(0);
    }

    [Test]
    public async Task A_folder_that_stays_is_named()
    {
        DoctorBed bed = new() { RemoveDirectory = static _ => throw new IOException("it is not empty") };

        DoctorFinding removed = await bed.FindAsync("probe.removed");

        removed.Verdict.Should().Be(DoctorVerdict.DoesNotHold);
        removed.Follows.Should().Contain("/memory/here/.clusterhsm-doctor-");
    }

    [Test]
    public void Requests_and_answers_come_through_unchanged()
    {
        ShardTimestamp time = new(-5, 999_999_999);
        PartnerRequest request = new(PartnerOperation.SetTimes)
        {
            File = 3,
            Path = "a/\"b\"\n",
            Options = ShardOpenOptions.ReadWrite,
            Offset = long.MaxValue,
            Length = 7,
            Kind = LockKind.Exclusive,
            Bytes = [0, 255],
            Accessed = time,
            Modified = time,
        };
        PartnerAnswer answer = new()
        {
            Error = ShardError.Busy,
            Text = "é",
            Status = LockStatus.Failed,
            NativeError = 11,
            Number = -1,
            Bytes = [],
            Size = 1,
            AllocatedBytes = 2,
            Inode = ulong.MaxValue,
            Accessed = time,
            Modified = time,
            Changed = time,
            ShardId = Guid.NewGuid(),
            Instance = "1:2",
        };

        PartnerJson.Write(request).Should().NotContain("\n");
        PartnerJson.ReadRequest(PartnerJson.Write(request)).Should().BeEquivalentTo(request);
        PartnerJson.ReadAnswer(PartnerJson.Write(answer)).Should().BeEquivalentTo(answer);
        PartnerJson.ReadAnswer(PartnerJson.Write(new PartnerAnswer())).Should().BeEquivalentTo(new PartnerAnswer());
    }
}
