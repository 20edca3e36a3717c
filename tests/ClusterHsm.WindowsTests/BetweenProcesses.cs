using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>Locks, identity and data between two processes of Windows.</summary>
[TestFixture]
[Platform("Win")]
public sealed class BetweenProcesses
{
    private static readonly LockRange Far = new(1L << 62, 2);
    private static readonly LockRange Slots = new(0, 4096);

    private WindowsShard _folder = null!;
    private IShardFileSystem _shard = null!;
    private IShardFile _file = null!;
    private OtherProcess _other = null!;

    [SetUp]
    public async Task StartTheOther()
    {
        _folder = new WindowsShard();
        _shard = _folder.OpenNode();
        _file = _shard.Open("file", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        _other = await OtherProcess.StartAsync([Environment.ProcessPath!], _folder.Root);
        await _other.OpenAsync("file");
    }

    [TearDown]
    public void EndTheOther()
    {
        _other.Dispose();
        _file.Dispose();
        _shard.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task An_exclusive_lock_of_one_process_is_in_the_way_of_the_other()
    {
        (await _other.LockAsync(Far, LockKind.Exclusive)).Should().Be(LockStatus.Granted);
        _file.TryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _file.QueryLock(Far, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        (await _other.UnlockAsync(Far)).Should().Be(LockStatus.Granted);
        _file.TryLock(Far, LockKind.Exclusive).IsGranted.Should().BeTrue();
        (await _other.LockAsync(Far, LockKind.Shared)).Should().Be(LockStatus.Denied);
    }

    [Test]
    public async Task Shared_locks_of_two_processes_go_together()
    {
        (await _other.LockAsync(Slots, LockKind.Shared)).Should().Be(LockStatus.Granted);
        _file.TryLock(Slots, LockKind.Shared).IsGranted.Should().BeTrue();
        _file.TryLock(new LockRange(4096, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
    }

    [Test]
    public async Task A_migrators_slot_denies_a_node_the_whole_range()
    {
        (await _other.LockAsync(new LockRange(17, 1), LockKind.Exclusive)).Should().Be(LockStatus.Granted);
        _file.TryLock(Slots, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _file.TryLock(new LockRange(18, 1), LockKind.Exclusive).IsGranted.Should().BeTrue();
    }

    [Test]
    public async Task The_locks_of_a_killed_process_are_free()
    {
        (await _other.LockAsync(Far, LockKind.Exclusive)).Should().Be(LockStatus.Granted);
        await _other.KillAsync();
        SpinWait.SpinUntil(() => _file.TryLock(Far, LockKind.Exclusive).IsGranted, TimeSpan.FromSeconds(30)).Should().BeTrue();
    }

    [Test]
    public async Task Both_know_the_file_by_the_same_number_and_see_each_others_bytes()
    {
        (await _other.AskAsync("inode")).Should().Be($"{_file.Identity.Inode}");
        await _other.AskAsync("write\tseen");
        byte[] buffer = new byte[16];
        buffer[.._file.Read(buffer, 0)].Should().Equal("seen"u8.ToArray());
    }

    [Test]
    public async Task A_writer_in_another_process_is_found_and_a_reader_is_none()
    {
        _file.Dispose();
        _shard.FindWriters("file").Should().Be(WriterPresence.Present);
        await _other.OpenAsync("file", ShardOpenOptions.Read);
        _shard.FindWriters("file").Should().Be(WriterPresence.None);
    }
}
