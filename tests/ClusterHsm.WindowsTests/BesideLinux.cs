using System.Runtime.Versioning;
using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>
/// A process of Linux, which is this one, and a process of Windows under Wine on the same files: one signal file, whoever holds it. The
/// script that runs this says where the other's program is (<c>CLUSTERHSM_WINE</c>) and a folder that both see.
/// </summary>
[TestFixture]
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class BesideLinux
{
    private static readonly LockRange Slots = new(0, 4096);
    private static readonly LockRange Slot = new(17, 1);
    private static readonly LockRange FileLock = new(1L << 62, 2);

    private string _root = null!;
    private IShardFileSystem _shard = null!;
    private IShardFile _signal = null!;
    private OtherProcess _windows = null!;

    [SetUp]
    public async Task StartWindows()
    {
        string program = Environment.GetEnvironmentVariable("CLUSTERHSM_WINE")
            ?? throw new InvalidOperationException("CLUSTERHSM_WINE names no program: run tests/windows/wine.");
        string parent = Environment.GetEnvironmentVariable("CLUSTERHSM_WINE_FOLDER")
            ?? throw new InvalidOperationException("CLUSTERHSM_WINE_FOLDER names no folder: run tests/windows/wine.");
        _root = Directory.CreateDirectory(Path.Combine(parent, Guid.NewGuid().ToString("N"))).FullName;
        _shard = ShardFileSystem.Open(_root);
        _signal = _shard.Open("signal", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        _windows = await OtherProcess.StartAsync([program], "Z:" + _root.Replace('/', '\\'));
        await _windows.OpenAsync("signal");
    }

    [TearDown]
    public async Task EndWindows()
    {
        if (_windows is not null)
            await _windows.EndAsync();
        _windows?.Dispose();
        _signal.Dispose();
        _shard.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Test]
    public async Task A_migrators_slot_on_Linux_denies_the_signal_to_a_node_on_Windows()
    {
        (await _windows.LockAsync(Slots, LockKind.Shared)).Should().Be(LockStatus.Granted);
        _signal.TryLock(Slot, LockKind.Exclusive).Status.Should().Be(LockStatus.Denied, "the node holds the signal at this moment");
        (await _windows.UnlockAsync(Slots)).Should().Be(LockStatus.Granted);
        _signal.TryLock(Slot, LockKind.Exclusive).IsGranted.Should().BeTrue();
        (await _windows.LockAsync(Slots, LockKind.Shared)).Should().Be(LockStatus.Denied);
        (await _windows.QueryAsync(Slots, LockKind.Shared)).Should().Be(LockStatus.Denied);
        _signal.Unlock(Slot).IsGranted.Should().BeTrue();
        (await _windows.LockAsync(Slots, LockKind.Shared)).Should().Be(LockStatus.Granted);
    }

    [Test]
    public async Task A_migrators_slot_on_Windows_denies_the_signal_to_a_node_on_Linux()
    {
        (await _windows.LockAsync(Slot, LockKind.Exclusive)).Should().Be(LockStatus.Granted);
        _signal.TryLock(Slots, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _signal.QueryLock(Slots, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        _signal.TryLock(new LockRange(18, 1), LockKind.Exclusive).IsGranted.Should().BeTrue("another migrator has another slot");
        (await _windows.UnlockAsync(Slot)).Should().Be(LockStatus.Granted);
        _signal.Unlock(new LockRange(18, 1));
        _signal.TryLock(Slots, LockKind.Shared).IsGranted.Should().BeTrue();
    }

    [Test]
    public async Task The_lock_of_a_data_file_is_the_same_bytes_on_both()
    {
        (await _windows.LockAsync(FileLock, LockKind.Exclusive)).Should().Be(LockStatus.Granted);
        _signal.TryLock(FileLock, LockKind.Shared).Status.Should().Be(LockStatus.Denied);
        (await _windows.UnlockAsync(new LockRange(FileLock.Offset, 1))).Should().Be(LockStatus.Granted);
        _signal.TryLock(new LockRange(FileLock.Offset, 1), LockKind.Exclusive).IsGranted.Should().BeTrue("the gate is free, the lock is not");
        _signal.TryLock(new LockRange(FileLock.Offset + 1, 1), LockKind.Shared).Status.Should().Be(LockStatus.Denied);
    }

    [Test]
    public async Task Shared_locks_of_both_go_together_and_end_with_their_process()
    {
        (await _windows.LockAsync(FileLock, LockKind.Shared)).Should().Be(LockStatus.Granted);
        _signal.TryLock(FileLock, LockKind.Shared).IsGranted.Should().BeTrue();
        (await _windows.LockAsync(FileLock, LockKind.Exclusive)).Should().Be(LockStatus.Failed, "it is shared");
        (await _windows.LockAsync(FileLock, LockKind.Shared)).Should().Be(LockStatus.Granted);
        await _windows.EndAsync();
        SpinWait.SpinUntil(() => _signal.TryLock(FileLock, LockKind.Exclusive).IsGranted, TimeSpan.FromSeconds(30)).Should().BeTrue();
    }

    [Test]
    public async Task Both_know_the_file_by_the_same_number() =>
        (await _windows.AskAsync("inode")).Should().Be($"{_signal.Identity.Inode}");
}
