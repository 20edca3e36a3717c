using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class FileSystemTraitsTests
{
    [TestCase("ext4", "", LockReach.Shared)]
    [TestCase("xfs", "", LockReach.Shared)]
    [TestCase("tmpfs", "", LockReach.Shared)]
    [TestCase("nfs", "vers=3", LockReach.Shared)]
    [TestCase("nfs", "vers=3,nolock", LockReach.NodeLocal)]
    [TestCase("nfs4", "vers=4.2,local_lock=none", LockReach.Shared)]
    [TestCase("nfs4", "local_lock=posix", LockReach.NodeLocal)]
    [TestCase("nfs4", "local_lock=all", LockReach.NodeLocal)]
    [TestCase("nfs4", "local_lock=flock", LockReach.Shared)]
    [TestCase("fuse.glusterfs", "", LockReach.Shared)]
    [TestCase("ceph", "", LockReach.Unreliable)]
    [TestCase("fuse.ceph-fuse", "", LockReach.Unreliable)]
    [TestCase("gfs2", "", LockReach.Shared)]
    [TestCase("gfs2", "localflocks", LockReach.NodeLocal)]
    [TestCase("ocfs2", "", LockReach.NodeLocal)]
    [TestCase("lustre", "flock", LockReach.Shared)]
    [TestCase("lustre", "localflock", LockReach.NodeLocal)]
    [TestCase("lustre", "", LockReach.Unknown)]
    [TestCase("beegfs", "", LockReach.Unknown)]
    [TestCase("fuse.sshfs", "", LockReach.Unknown)]
    [TestCase("cifs", "", LockReach.Unknown)]
    [TestCase("", "", LockReach.Unknown)]
    public void How_far_locks_are_seen(string type, string options, LockReach reach) => Traits(type, options).Reach.Should().Be(reach);

    [TestCase("nfs4", true)]
    [TestCase("fuse.glusterfs", true)]
    [TestCase("ceph", false)]
    [TestCase("ext4", false)]
    public void Where_flock_is_in_the_way(string type, bool conflicts) =>
        Traits(type, "").FlockConflictsWithRanges.Should().Be(conflicts);

    [TestCase("fuse.mfs", "", false)]
    [TestCase("nfs4", "vers=4.1", false)]
    [TestCase("nfs4", "vers=4.2", true)]
    [TestCase("vfat", "", false)]
    [TestCase("ext4", "", true)]
    public void Where_holes_are_punched(string type, string options, bool can) => Traits(type, options).CanPunchHoles.Should().Be(can);

    [TestCase("nfs4", "vers=4.2", true)]
    [TestCase("gfs2", "", false)]
    [TestCase("ceph", "", true)]
    [TestCase("lustre", "flock", true)]
    [TestCase("fuse.glusterfs", "", false)]
    [TestCase("ext4", "", false)]
    public void Where_an_open_can_miss_a_record_or_is_not_known_to_see_it(string type, string options, bool can) => (Traits(type, options).RecordFault is not null).Should().Be(can);

    [TestCase("ext4", "", true)]
    [TestCase("overlay", "", true)]
    [TestCase("fuse.glusterfs", "", true)] // GlusterDoctorTests tries it between two clients
    [TestCase("nfs4", "vers=4.2", false)]
    [TestCase("gfs2", "", false)]
    [TestCase("ocfs2", "", false)]
    [TestCase("fuse.ceph-fuse", "", false)]
    [TestCase("lustre", "flock", false)]
    [TestCase("gpfs", "", false)]
    [TestCase("fuse.sshfs", "", false)]
    public void Where_a_question_after_a_lock_is_known_to_be_answered_for_every_node(string type, string options, bool known) =>
        Traits(type, options).QueriesSeeEveryNode.Should().Be(known);

    [TestCase("ceph")]
    [TestCase("fuse.ceph-fuse")]
    public void CephFS_is_said_to_lose_locks(string type) => Traits(type, "").LockFault.Should().Contain("lose a lock");

    [Test]
    public void CephFS_does_not_tell_what_is_allocated() => Traits("ceph", "").AllocationIsTruthful.Should().BeFalse();

    [Test]
    public void The_capabilities_of_the_temporary_folder_are_found()
    {
        using LinuxTestFolder folder = new();

        folder.Shard.Capabilities.FileSystemType.Should().NotBe("unknown");
        folder.Shard.Capabilities.IsReadOnly.Should().BeFalse();
        folder.Shard.Capabilities.LockDriver.Should().NotBe(LockDriver.None);
    }

    [Test]
    public void A_refused_hole_is_remembered()
    {
        using LinuxTestFolder folder = new();
        folder.Shard.LearnThatHolesCannotBePunched();
        folder.Shard.Capabilities.CanPunchHoles.Should().BeFalse();
    }

    private static FileSystemTraits Traits(string type, string options) =>
        FileSystemTraits.Of(type, options.Split(',').ToHashSet());
}
