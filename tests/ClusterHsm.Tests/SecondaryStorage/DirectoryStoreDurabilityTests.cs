using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[Platform("Linux")]
public sealed class DirectoryStoreDurabilityTests
{
    private readonly Guid _shard = Guid.NewGuid();

    private StoreFolder _folder = null!;
    private FaultyDisk _disk = null!;
    private DirectoryStore _store = null!;

    [SetUp]
    public void Make()
    {
        _folder = new StoreFolder();
        _disk = new FaultyDisk();
        _store = DirectoryStore.OpenOrCreate(_folder.Root, _disk);
        _disk.Forget();
    }

    [TearDown]
    public async Task Remove()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Data_is_durable_before_the_name_and_every_folder_above_before_the_commit_returns()
    {
        ObjectKey key = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1]);
        string path = new DirectoryStoreLayout(_folder.Root).Object(key);
        string leaf = Path.GetDirectoryName(path)!, middle = Path.GetDirectoryName(leaf)!, shard = Path.GetDirectoryName(middle)!;
        List<string> steps = [.. _disk.Calls.Where(IsStep)];
        steps[0].Should().StartWith("flush-file");
        steps.LastIndexOf($"rename {path}").Should().BePositive();
        steps.Skip(steps.LastIndexOf($"rename {path}") + 1).Should().BeEquivalentTo(
            $"flush-directory {Path.GetDirectoryName(shard)}", $"flush-directory {shard}", $"flush-directory {middle}", $"flush-directory {leaf}");
    }

    [Test]
    public async Task Folders_known_to_be_durable_are_not_flushed_again()
    {
        Guid name = Guid.ParseExact("abcd0000000000000000000000000001", "N"), next = Guid.ParseExact("abcd0000000000000000000000000002", "N");
        await StoreFolder.PutAsync(_store, new ObjectKey(_shard, name), new byte[1]);
        _disk.Forget();
        await StoreFolder.PutAsync(_store, new ObjectKey(_shard, next), new byte[1]);
        _disk.Calls.Count(call => call.StartsWith("flush-directory", StringComparison.Ordinal)).Should().Be(1);
    }

    [Test]
    public async Task Folders_that_another_process_made_are_not_taken_for_durable()
    {
        Guid name = Guid.ParseExact("abcd0000000000000000000000000001", "N"), next = Guid.ParseExact("abcd0000000000000000000000000002", "N");
        await using (DirectoryStore other = DirectoryStore.Open(_folder.Root))
            await StoreFolder.PutAsync(other, new ObjectKey(_shard, name), new byte[1], CommitDurability.Deferred);
        await StoreFolder.PutAsync(_store, new ObjectKey(_shard, next), new byte[1]);
        _disk.Calls.Count(call => call.StartsWith("flush-directory", StringComparison.Ordinal)).Should().Be(4);
    }

    [Test]
    public async Task Deferred_commits_share_one_barrier_that_was_opened_before_the_first_byte()
    {
        for (int count = 0; count < 20; count++)
            await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        _disk.Calls.Where(call => call.StartsWith("flush", StringComparison.Ordinal)).Should().BeEmpty();
        await _store.FlushAsync();
        await _store.FlushAsync();
        _disk.Calls.Count(call => call.StartsWith("barrier", StringComparison.Ordinal)).Should().Be(1);
        _disk.Calls.ToList().FindIndex(call => call.StartsWith("open-barrier", StringComparison.Ordinal))
            .Should().BeLessThan(_disk.Calls.ToList().FindIndex(call => call.StartsWith("create", StringComparison.Ordinal)));
    }

    [Test]
    public async Task Without_a_barrier_to_trust_a_deferred_commit_is_durable_by_itself()
    {
        _disk.HasBarrier = false;
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        _disk.Calls.Count(call => call.StartsWith("flush-file", StringComparison.Ordinal)).Should().Be(1);
        _disk.Calls.Count(call => call.StartsWith("flush-directory", StringComparison.Ordinal)).Should().Be(4);
        await _store.FlushAsync();
    }

    [Test]
    public async Task A_barrier_that_failed_fails_every_later_one_because_the_kernel_tells_only_once()
    {
        ObjectKey key = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1], CommitDurability.Deferred);
        IObjectWriter begun = await _store.CreateAsync(ObjectKey.New(_shard), 1);
        _disk.Fault = call => call.StartsWith("barrier", StringComparison.Ordinal) ? 5 : 0;
        Func<Task> flush = async () => await _store.FlushAsync();
        (await flush.Should().ThrowAsync<StoreUnavailableException>()).WithMessage("*could not be made durable*open the store anew*");
        _disk.Fault = _ => 0;
        await flush.Should().ThrowAsync<StoreUnavailableException>();
        Func<Task> commit = async () => await begun.CommitAsync(CommitDurability.Deferred);
        await commit.Should().ThrowAsync<StoreUnavailableException>();
        await begun.DisposeAsync();
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1]);
        await using DirectoryStore anew = DirectoryStore.OpenOrCreate(_folder.Root, _disk);
        await StoreFolder.PutAsync(anew, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        await anew.FlushAsync();
    }

    [Test]
    public async Task Of_two_that_flush_at_once_the_second_is_told_of_the_failure_as_well()
    {
        using ManualResetEventSlim entered = new(), goOn = new();
        int barriers = 0;
        _disk.DuringBarrier = () =>
        {
            entered.Set();
            goOn.Wait();
        };
        // As the kernel does it: told once.
        _disk.Fault = call => call.StartsWith("barrier", StringComparison.Ordinal) && Interlocked.Increment(ref barriers) == 1 ? 5 : 0;
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        Task first = _store.FlushAsync().AsTask();
        entered.Wait();
        Task second = _store.FlushAsync().AsTask();
        goOn.Set();
        Func<Task> firstEnds = () => first, secondEnds = () => second;
        await firstEnds.Should().ThrowAsync<StoreUnavailableException>();
        await secondEnds.Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task What_is_committed_while_a_barrier_runs_waits_for_the_next()
    {
        using ManualResetEventSlim entered = new(), goOn = new();
        _disk.DuringBarrier = () =>
        {
            entered.Set();
            goOn.Wait();
        };
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        Task first = _store.FlushAsync().AsTask();
        entered.Wait();
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        Task second = _store.FlushAsync().AsTask();
        goOn.Set();
        await Task.WhenAll(first, second);
        _disk.Calls.Count(call => call.StartsWith("barrier", StringComparison.Ordinal)).Should().Be(2);
    }

    [Test]
    public async Task A_caller_need_not_wait_for_a_barrier_that_hangs_and_neither_does_disposal()
    {
        using ManualResetEventSlim entered = new(), goOn = new();
        using CancellationTokenSource cancellation = new();
        _disk.DuringBarrier = () =>
        {
            entered.Set();
            goOn.Wait();
        };
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        Task flush = _store.FlushAsync(cancellation.Token).AsTask();
        entered.Wait();
        cancellation.Cancel();
        Func<Task> ends = () => flush;
        await ends.Should().ThrowAsync<OperationCanceledException>();
        await _store.DisposeAsync();
        goOn.Set();
    }

    [TestCase("flush-file")]
    [TestCase("rename")]
    [TestCase("flush-directory")]
    public async Task A_step_of_a_commit_that_fails_is_reported_and_leaves_nothing(string step)
    {
        ObjectKey key = ObjectKey.New(_shard);
        _disk.Fault = call => call.StartsWith(step, StringComparison.Ordinal) ? 5 : 0;
        Func<Task> put = () => StoreFolder.PutAsync(_store, key, new byte[1]);
        (await put.Should().ThrowAsync<StoreUnavailableException>()).WithMessage($"{_folder.Root}: cannot commit object {key}: *");
        _folder.TemporaryFiles.Should().BeEmpty();
        _folder.ObjectFiles.Should().BeEmpty();
    }

    [Test]
    public async Task This_machines_barrier_works_where_it_is_trusted()
    {
        await using DirectoryStore store = DirectoryStore.Open(_folder.Root);
        await StoreFolder.PutAsync(store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        await store.FlushAsync();
    }

    private static bool IsStep(string call) =>
        call.StartsWith("flush", StringComparison.Ordinal) || call.StartsWith("rename", StringComparison.Ordinal);
}
