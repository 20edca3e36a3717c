using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>The shard's own files, its store, its lease, and the user who asks.</summary>
public sealed class ShardFindingTests
{
    /// <summary>Locks of programs, which files in memory have not.</summary>
    private static readonly string[] NeedDescriptors = ["locks.posix", "locks.flock-reach", "locks.flock"];

    private string _store = null!;

    [SetUp]
    public void SetUp() => _store = Directory.CreateTempSubdirectory("clusterhsm-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_store, recursive: true);

    [Test]
    public async Task A_shard_in_order_is_healthy_and_nothing_is_left_in_its_control_folder()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());

        DoctorReport report = await bed.ExamineAsync();

        report.Failures.Should().BeEmpty();
        report.Findings.Should().OnlyContain(finding => finding.Verdict == DoctorVerdict.Holds || NeedDescriptors.Contains(finding.Id));
        bed.LeftFiles(ControlFolder.Name).Should().BeEmpty();
        bed.Cluster.Nodes.Should().OnlyContain(node => node.HeldLocks.Count == 0 && node.OpenFileCount == 0);
    }

    [Test]
    public async Task Signal_and_quiesce_are_never_locked()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());
        List<ShardOperationInfo> locks = [];
        bed.Here.BeforeOperation = info => { if (info.Operation == ShardOperation.Lock) locks.Add(info); };
        bed.OrderThere = node => node.BeforeOperation = bed.Here.BeforeOperation;

        await bed.ExamineAsync();

        locks.Should().NotBeEmpty().And.NotContain(info => info.Path == ControlFolder.SignalPath || info.Path == ControlFolder.QuiescePath);
    }

    [Test]
    public async Task A_missing_signal_file_is_named()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());
        bed.Here.Delete(ControlFolder.SignalPath);

        (await Single(bed, "shard.join")).Should().Be((DoctorVerdict.DoesNotHold, HsmError.InvalidShard));
    }

    [Test]
    public async Task A_link_in_the_place_of_the_signal_file_is_named_as_nodes_do_not_follow_it()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());
        bed.Here.Delete(ControlFolder.SignalPath);
        bed.Cluster.CreateSymbolicLink(ControlFolder.SignalPath, "quiesce");

        (await Single(bed, "shard.join")).Should().Be((DoctorVerdict.DoesNotHold, HsmError.InvalidShard));
        bed.Reported.Single(finding => finding.Id == "shard.migrate").Verdict.Should().Be(DoctorVerdict.DoesNotHold);
    }

    [Test]
    public async Task Locks_that_fail_on_the_signal_are_named()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());
        bed.Here.Faults.OnLock(ControlFolder.SignalPath).Fail(ShardError.Temporary);

        (await Single(bed, "shard.join")).Should().Be((DoctorVerdict.DoesNotHold, HsmError.NotSupported));
    }

    [Test]
    public async Task A_list_of_nodes_that_cannot_be_read_is_named()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());
        bed.Here.Faults.On(ShardOperation.ReadDirectory, ControlFolder.NodesPath).Fail(ShardError.AccessDenied);

        (await Single(bed, "shard.nodes")).Should().Be((DoctorVerdict.DoesNotHold, HsmError.AccessDenied));
    }

    [Test]
    public async Task A_user_without_write_permission_hears_what_could_not_be_tried()
    {
        DoctorBed bed = new(here: new InMemoryNodeOptions { UserId = 1000, GroupId = 1000 });
        bed.Initialize(NewDescriptor());
        bed.Here.Faults.On(ShardOperation.CreateDirectory).Fail(ShardError.AccessDenied);

        DoctorReport report = await bed.ExamineAsync();

        report.Findings.Single(finding => finding.Id == "shard.join").Verdict.Should().Be(DoctorVerdict.Holds);
        report.Findings.Single(finding => finding.Id == "shard.migrate").Verdict.Should().Be(DoctorVerdict.DoesNotHold);
        report.Findings.Single(finding => finding.Id == "locks.shared").Verdict.Should().Be(DoctorVerdict.CouldNotTell);
        report.Mode.Should().Be(SafeMode.NotProven);
        report.Failures.Should().ContainSingle().Which.Should().BeOfType<HsmAccessDeniedException>();
    }

    [Test]
    public async Task A_read_only_mount_is_told_apart_from_a_broken_one()
    {
        DoctorBed bed = new(here: new InMemoryNodeOptions { IsReadOnly = true });
        bed.Initialize(NewDescriptor());

        DoctorReport report = await bed.ExamineAsync();

        report.Failures.Should().ContainSingle().Which.Error.Should().Be(HsmError.ReadOnly);
        report.Findings.Single(finding => finding.Id == "shard.join").Verdict.Should().Be(DoctorVerdict.Holds);
    }

    [Test]
    public async Task A_store_that_is_gone_or_another_one_is_named([Values] bool isAnother)
    {
        DoctorBed bed = new();
        ShardDescriptor descriptor = NewDescriptor();
        bed.Initialize(isAnother ? descriptor with { StoreId = Guid.NewGuid() } : descriptor with { StoreLocation = new Uri(_store + "/gone") });

        (await Single(bed, "store.reachable")).Should().Be((DoctorVerdict.DoesNotHold, HsmError.StoreUnavailable));
    }

    [TestCase("fuse.glusterfs", 7, DoctorVerdict.Holds)]
    [TestCase("fuse.glusterfs", 8, DoctorVerdict.DoesNotHold)]
    [TestCase("nfs4", 60, DoctorVerdict.Holds)]
    [TestCase("never-heard-of", 8, DoctorVerdict.DoesNotHold)]
    [TestCase("ext4", 60, DoctorVerdict.Holds)]
    public async Task A_lease_must_be_shorter_than_the_patience_of_the_server(string type, int seconds, DoctorVerdict verdict)
    {
        DoctorBed bed = new(new InMemoryClusterOptions { FileSystemType = type });
        bed.Initialize(NewDescriptor() with { LeaseDuration = TimeSpan.FromSeconds(seconds) });

        DoctorFinding lease = await bed.FindAsync("lease.duration");

        lease.Verdict.Should().Be(verdict, lease.Seen);
        lease.Seen.Should().Contain($"the lease is {seconds} s");
    }

    [Test]
    public async Task A_damaged_descriptor_is_a_finding_and_the_file_system_is_examined_all_the_same()
    {
        DoctorBed bed = new();
        bed.Initialize(NewDescriptor());
        using (IShardFile file = bed.Here.Open(ControlFolder.DescriptorPath, ShardOpenOptions.ReadWrite))
            file.SetLength(3);

        DoctorReport report = await bed.ExamineAsync();

        report.Failures.Should().ContainSingle().Which.Should().BeOfType<InvalidShardException>();
        report.Mode.Should().Be(SafeMode.RelaxedPossible);
    }

    private static async Task<(DoctorVerdict, HsmError)> Single(DoctorBed bed, string id)
    {
        DoctorReport report = await bed.ExamineAsync();
        report.Failures.Should().ContainSingle(failure => failure.Message.Contains(id));
        DoctorFinding finding = report.Findings.Single(finding => finding.Id == id);
        return (finding.Verdict, finding.Error);
    }

    private ShardDescriptor NewDescriptor() => new()
    {
        ShardId = Guid.NewGuid(),
        StoreLocation = new Uri(_store),
        StoreId = SecondaryStores.OpenOrCreate(new Uri(_store)).Id,
    };
}
