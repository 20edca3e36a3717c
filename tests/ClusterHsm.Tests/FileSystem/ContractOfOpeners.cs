using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Who has a file open on this computer, and how they are held back.</summary>
public abstract class ContractOfOpeners<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    private static readonly string[] HoldBack = ["memory", "ext4", "xfs", "btrfs", "tmpfs"];

    [Test]
    public void A_writer_is_found_or_it_is_said_that_one_cannot_know()
    {
        Fill("file", [1]);
        Node.FindWriters("file").Should().BeOneOf(WriterPresence.None, WriterPresence.Unknown);
        IShardFile reader = Open("file", ShardOpenOptions.Read);
        Node.FindWriters("file").Should().BeOneOf(WriterPresence.None, WriterPresence.Unknown);
        IShardFile writer = Open("file", ShardOpenOptions.Write);
        Node.FindWriters("file").Should().BeOneOf(WriterPresence.Present, WriterPresence.Unknown);
        writer.Dispose();
        Node.FindWriters("file").Should().BeOneOf(WriterPresence.None, WriterPresence.Unknown);
        reader.Dispose();
    }

    [Test]
    public void To_look_for_writers_leaves_no_trace()
    {
        Fill("file", [1]);
        Node.FindWriters("file");
        ReadAll(Open("file", ShardOpenOptions.ReadWrite)).Should().Equal(1);
    }

    [Test]
    public void Openers_are_held_back_until_they_are_admitted()
    {
        IShardFile file = Excluding();
        ErrorOf(() => Node.Open("file", ShardOpenOptions.Read)).Should().Be(ShardError.Busy);
        ErrorOf(() => Node.Open("file", ShardOpenOptions.Write)).Should().Be(ShardError.Busy);
        Node.GetInfo("file").Should().NotBeNull("to look is not to open");
        file.Write([1, 2], 0);
        ReadAll(file).Should().Equal(1, 2);
        file.AdmitOpeners();
        ReadAll(Open("file", ShardOpenOptions.Read)).Should().Equal(1, 2);
    }

    [Test]
    public void Openers_are_admitted_at_the_end_of_the_handle()
    {
        Excluding().Dispose();
        Open("file", ShardOpenOptions.Read);
    }

    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.Write)]
    public void Nobody_is_held_back_while_others_have_the_file_open(ShardOpenOptions options)
    {
        IShardFile file = Open("file");
        IShardFile other = Open("file", options);
        file.TryExcludeOpeners().Should().BeOneOf(OpenerExclusion.OthersHaveItOpen, OpenerExclusion.NotSupported);
        Open("file", ShardOpenOptions.Read).Dispose();
        other.Dispose();
        file.TryExcludeOpeners().Should().BeOneOf(OpenerExclusion.Excluded, OpenerExclusion.NotSupported);
    }

    [Test]
    public void To_admit_openers_that_were_not_held_back_is_no_failure()
    {
        IShardFile file = Open("file");
        file.AdmitOpeners();
        file.Dispose();
        file.AdmitOpeners();
    }

    [Test]
    public void A_file_opened_anew_is_the_same_one_though_its_name_is_anothers_by_now()
    {
        Fill("file", [1, 2, 3]);
        IShardFile file = Open("file", ShardOpenOptions.Read);
        Node.Rename("file", "renamed");
        Fill("file", [9]);

        if (!Shard.ReopensRenamedFiles)
            Assert.Ignore("A file is opened anew by its name here; what comes of it has a test of its own.");
        IShardFile again = Keep(file.Reopen(ShardOpenOptions.ReadWrite));

        (again.Identity, again.Path, again.CanWrite).Should().Be((file.Identity, "file", true));
        again.Write([7], 0);
        ReadAll(file).Should().Equal(7, 2, 3);
        ReadAll("file").Should().Equal(9);
    }

    [Test]
    public void A_deleted_file_opened_anew_is_the_same_one_or_a_dead_handle()
    {
        Fill("file", [1, 2, 3]);
        IShardFile file = Open("file", ShardOpenOptions.Read);
        Node.Delete("file");
        Fill("file", [9]);

        if (Shard.ReopensDeletedFiles)
            ReadAll(Keep(file.Reopen(ShardOpenOptions.ReadWrite))).Should().Equal(1, 2, 3);
        else
            ErrorOf(() => file.Reopen(ShardOpenOptions.ReadWrite)).Should().Be(ShardError.DeadHandle);
        ReadAll("file").Should().Equal(9);
    }

    [Test]
    public void A_file_opened_anew_has_locks_of_its_own()
    {
        IShardFile file = Open("file");
        IShardFile again = Keep(file.Reopen(ShardOpenOptions.ReadWrite));
        file.TryLock(new LockRange(0, 10), LockKind.Exclusive).IsGranted.Should().BeTrue();
        again.TryLock(new LockRange(0, 10), LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        file.Dispose();
        again.TryLock(new LockRange(0, 10), LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [TestCase(ShardOpenOptions.Create | ShardOpenOptions.Read)]
    [TestCase((ShardOpenOptions)0)]
    public void A_file_that_is_open_cannot_be_created(ShardOpenOptions options) =>
        Open("file").Invoking(file => file.Reopen(options)).Should().Throw<ArgumentException>();

    private IShardFile Excluding()
    {
        IShardFile file = Open("file");
        if (file.TryExcludeOpeners() == OpenerExclusion.NotSupported)
        {
            HoldBack.Should().NotContain(Node.Capabilities.FileSystemType, "there it can be, and the file is this user's own");
            Assert.Ignore($"{Node.Capabilities.FileSystemType} cannot hold openers back, and says so.");
        }
        return file;
    }
}
