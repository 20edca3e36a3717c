using ClusterHsm.SecondaryStorage;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Testing;

[TestFixture]
public sealed class InMemoryStoreTests
{
    private static readonly Guid Shard = Guid.NewGuid();

    private readonly InMemoryStore _store = new();

    [SetUp]
    public void Empty()
    {
        _store.Faults.Clear();
        _store.IsAvailable = true;
        _store.CapacityInBytes = long.MaxValue;
        foreach (ObjectKey key in _store.Keys)
            _store.Lose(key);
    }

    [OneTimeTearDown]
    public async Task Dispose() => await _store.DisposeAsync();

    [Test]
    public async Task A_store_that_is_away_says_so_at_every_call_and_has_its_objects_when_it_is_back()
    {
        ObjectKey key = await Put([1]);
        _store.IsAvailable = false;
        Func<Task>[] calls =
        [
            () => _store.OpenAsync(key).AsTask(), () => _store.GetInfoAsync(key).AsTask(), () => _store.DeleteAsync(key).AsTask(),
            () => _store.CreateAsync(ObjectKey.New(Shard), 1).AsTask(), () => _store.FlushAsync().AsTask(),
            () => _store.GetTimeAsync().AsTask(), () => _store.CopyAsync(key, ObjectKey.New(Shard)).AsTask(),
            async () => { await foreach (StoredObject _ in _store.ListAsync(Shard)) { } },
        ];
        foreach (Func<Task> call in calls)
            await call.Should().ThrowAsync<StoreUnavailableException>();
        _store.IsAvailable = true;
        (await Get(key)).Should().Equal(1);
    }

    [Test]
    public async Task A_full_store_refuses_and_what_is_given_up_makes_room()
    {
        _store.CapacityInBytes = 10;
        ObjectKey key = ObjectKey.New(Shard);
        await using (IObjectWriter writer = await _store.CreateAsync(key, 11))
        {
            await writer.WriteAsync(new byte[10]);
            await writer.Invoking(w => w.WriteAsync(new byte[1]).AsTask()).Should().ThrowAsync<NoSpaceException>();
            _store.UsedBytes.Should().Be(10);
            _store.OpenWriterCount.Should().Be(1);
        }
        _store.UsedBytes.Should().Be(0);
        _store.OpenWriterCount.Should().Be(0);
        await Put(new byte[10]);
    }

    [Test]
    public async Task A_slow_read_waits_for_its_gate_or_for_its_cancellation()
    {
        ObjectKey key = await Put([1]);
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        var gate = new TaskCompletionSource();
        StoreFault fault = _store.Faults.On(StoreOperation.Read, key).WaitFor(gate.Task);
        using var source = new CancellationTokenSource();
        Task<int> cancelled = reader.ReadAsync(new byte[1], 0, source.Token).AsTask(), patient = reader.ReadAsync(new byte[1], 0).AsTask();
        fault.Hits.Should().Be(2);
        cancelled.IsCompleted.Should().BeFalse();
        await source.CancelAsync();
        await cancelled.Invoking(t => t).Should().ThrowAsync<OperationCanceledException>();
        patient.IsCompleted.Should().BeFalse();
        gate.SetResult();
        (await patient).Should().Be(1);
    }

    [Test]
    public async Task A_fault_strikes_its_call_as_often_as_ordered()
    {
        _store.Faults.On(StoreOperation.Commit).After(1).Once().Unavailable();
        _store.Faults.On(StoreOperation.Flush).Once().Full();
        await Put([1]);
        await FluentActions.Awaiting(() => Put([2])).Should().ThrowAsync<StoreUnavailableException>();
        await Put([3]);
        await _store.Invoking(s => s.FlushAsync().AsTask()).Should().ThrowAsync<NoSpaceException>();
        await _store.FlushAsync();
        _store.Keys.Should().HaveCount(2);
    }

    [Test]
    public async Task An_object_can_be_corrupted_cut_short_and_lost()
    {
        ObjectKey key = await Put([1, 2, 3]);
        _store.Corrupt(key, 2);
        (await Get(key)).Should().Equal(1, 2, 2);
        _store.Truncate(key, 1);
        (await Get(key)).Should().Equal(1);
        _store.Lose(key).Should().BeTrue();
        (await _store.OpenAsync(key)).Should().BeNull();
        _store.UsedBytes.Should().Be(0);
    }

    [Test]
    public async Task A_power_failure_takes_what_was_not_flushed()
    {
        ObjectKey flushed = await Put([1], CommitDurability.Deferred);
        await _store.FlushAsync();
        ObjectKey immediate = await Put([2]);
        await Put([3], CommitDurability.Deferred);
        _store.LoseUnflushed().Should().Be(1);
        _store.Keys.Should().BeEquivalentTo([flushed, immediate]);
    }

    [Test]
    public async Task A_flush_that_fails_makes_nothing_durable()
    {
        await Put([1], CommitDurability.Deferred);
        _store.Faults.On(StoreOperation.Flush).Once().Unavailable();
        await _store.Invoking(s => s.FlushAsync().AsTask()).Should().ThrowAsync<StoreUnavailableException>();
        _store.LoseUnflushed().Should().Be(1);
    }

    [Test]
    public async Task Counters_tell_what_was_transferred()
    {
        await using var store = new InMemoryStore();
        ObjectKey key = ObjectKey.New(Shard);
        await using (IObjectWriter writer = await store.CreateAsync(key, 100))
        {
            await writer.WriteAsync(new byte[100]);
            await writer.CommitAsync(CommitDurability.Immediate);
        }
        await using IObjectReader reader = (await store.OpenAsync(key))!;
        await reader.ReadAsync(new byte[30], 0);
        await reader.ReadAsync(new byte[30], 90);
        await store.DeleteAsync(key);
        (store.CommitCount, store.OpenCount, store.ReadCount, store.BytesRead, store.DeleteCount).Should().Be((1, 1, 2, 40, 1));
    }

    [Test]
    public async Task Objects_are_dated_by_its_clock()
    {
        _store.Clock.Advance(TimeSpan.FromHours(1));
        DateTimeOffset now = await _store.GetTimeAsync();
        ObjectKey key = await Put([1]);
        _store.Clock.Advance(TimeSpan.FromDays(2));
        (await _store.GetInfoAsync(key))!.Value.Created.Should().Be(now);
        (await _store.GetTimeAsync()).Should().Be(now.AddDays(2));
    }

    private async Task<ObjectKey> Put(byte[] bytes, CommitDurability durability = CommitDurability.Immediate)
    {
        ObjectKey key = ObjectKey.New(Shard);
        await using IObjectWriter writer = await _store.CreateAsync(key, bytes.Length);
        await writer.WriteAsync(bytes);
        await writer.CommitAsync(durability);
        return key;
    }

    private async Task<byte[]> Get(ObjectKey key)
    {
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        byte[] bytes = new byte[reader.Length];
        await reader.ReadAsync(bytes, 0);
        return bytes;
    }
}
