using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>What <see cref="ISecondaryStore"/> promises, whatever is below. Each store inherits from this.</summary>
public abstract class SecondaryStoreContract
{
    private static readonly Guid Shard = new("5ad1f0c3-0000-4000-8000-000000000001");

    private ISecondaryStore _store = null!;

    /// <summary>A new, empty store.</summary>
    protected abstract ISecondaryStore CreateStore();

    /// <summary>Removes what <see cref="CreateStore"/> made; the store is disposed by then.</summary>
    protected abstract void RemoveStore();

    [SetUp]
    public void MakeStore() => _store = CreateStore();

    [TearDown]
    public async Task DisposeStore()
    {
        await _store.DisposeAsync();
        RemoveStore();
    }

    [Test]
    public void A_store_has_a_place_and_an_identity()
    {
        _store.Location.IsAbsoluteUri.Should().BeTrue();
        _store.Id.Should().NotBe(Guid.Empty);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4096)]
    [TestCase(1_000_003)]
    public async Task An_object_is_read_as_it_was_written(int length)
    {
        ObjectKey key = await Put(Bytes(length));
        (await Get(key)).Should().Equal(Bytes(length));
        (await _store.GetInfoAsync(key))!.Value.Length.Should().Be(length);
    }

    [Test]
    public async Task An_object_may_come_in_parts_and_in_another_length_than_was_expected()
    {
        var key = ObjectKey.New(Shard);
        await using (IObjectWriter writer = await _store.CreateAsync(key, expectedLength: 5))
        {
            byte[] buffer = [1, 2, 3];
            await writer.WriteAsync(buffer);
            buffer.AsSpan().Fill(9);
            await writer.WriteAsync(Array.Empty<byte>());
            await writer.WriteAsync(Bytes(200_000));
            await writer.CommitAsync(CommitDurability.Immediate);
        }
        (await Get(key)).Should().Equal([1, 2, 3, .. Bytes(200_000)]);
    }

    [Test]
    public async Task An_object_does_not_exist_until_it_is_committed()
    {
        var key = ObjectKey.New(Shard);
        await using IObjectWriter writer = await _store.CreateAsync(key, 3);
        await writer.WriteAsync(Bytes(3));
        await ExpectAbsent(key);
        await writer.CommitAsync(CommitDurability.Immediate);
        (await Get(key)).Should().Equal(Bytes(3));
        (await List()).Should().Equal(key);
    }

    [Test]
    public async Task A_writer_that_is_disposed_before_the_commit_leaves_nothing()
    {
        var key = ObjectKey.New(Shard);
        IObjectWriter writer = await _store.CreateAsync(key, 3);
        await writer.WriteAsync(Bytes(3));
        await writer.DisposeAsync();
        await writer.DisposeAsync();
        await ExpectAbsent(key);
        await using IObjectWriter again = await _store.CreateAsync(key, 3);
        await again.CommitAsync(CommitDurability.Immediate);
        (await Get(key)).Should().BeEmpty("the key was never used");
    }

    [Test]
    public async Task A_committed_object_outlives_its_writer()
    {
        var key = ObjectKey.New(Shard);
        IObjectWriter writer = await _store.CreateAsync(key, 3);
        await writer.WriteAsync(Bytes(3));
        await writer.CommitAsync(CommitDurability.Immediate);
        await writer.DisposeAsync();
        (await Get(key)).Should().Equal(Bytes(3));
    }

    [Test]
    public async Task An_object_is_never_written_over()
    {
        ObjectKey key = await Put([1]);
        Func<Task> again = async () =>
        {
            await using IObjectWriter writer = await _store.CreateAsync(key, 1);
            await writer.WriteAsync(new byte[] { 2 });
            await writer.CommitAsync(CommitDurability.Immediate);
        };
        await again.Should().ThrowAsync<HsmAlreadyExistsException>();
        (await Get(key)).Should().Equal(1);
    }

    [Test]
    public async Task Of_two_writers_of_one_key_the_first_to_commit_wins()
    {
        var key = ObjectKey.New(Shard);
        await using IObjectWriter first = await _store.CreateAsync(key, 1), second = await _store.CreateAsync(key, 1);
        await second.WriteAsync(new byte[] { 2 });
        await first.WriteAsync(new byte[] { 1 });
        await second.CommitAsync(CommitDurability.Deferred);
        await first.Invoking(w => w.CommitAsync(CommitDurability.Immediate).AsTask()).Should().ThrowAsync<HsmAlreadyExistsException>();
        (await Get(key)).Should().Equal(2);
    }

    [Test]
    public async Task A_deferred_commit_can_be_read_at_once_and_after_the_flush()
    {
        ObjectKey key = await Put(Bytes(100), CommitDurability.Deferred);
        (await Get(key)).Should().Equal(Bytes(100));
        await _store.FlushAsync();
        await _store.FlushAsync();
        (await Get(key)).Should().Equal(Bytes(100));
    }

    [Test]
    public async Task A_range_is_read_to_the_byte()
    {
        byte[] bytes = Bytes(100_000);
        ObjectKey key = await Put(bytes);
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        reader.Length.Should().Be(100_000);
        byte[] buffer = new byte[777];
        (await reader.ReadAsync(buffer, 65_000)).Should().Be(777);
        buffer.Should().Equal(bytes[65_000..65_777]);
        (await reader.ReadAsync(buffer, 99_990)).Should().Be(10, "only ten bytes are left");
        buffer[..10].Should().Equal(bytes[99_990..]);
        (await reader.ReadAsync(buffer, 100_000)).Should().Be(0);
        (await reader.ReadAsync(buffer, 1L << 40)).Should().Be(0);
        (await reader.ReadAsync(Memory<byte>.Empty, 0)).Should().Be(0);
    }

    [Test]
    public async Task One_reader_serves_many_at_once()
    {
        byte[] bytes = Bytes(64_000);
        ObjectKey key = await Put(bytes);
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        await Parallel.ForAsync(0, 64, async (i, cancellationToken) =>
        {
            byte[] buffer = new byte[1_000];
            (await reader.ReadAsync(buffer, i * 1_000L, cancellationToken)).Should().Be(1_000);
            buffer.Should().Equal(bytes[(i * 1_000)..((i + 1) * 1_000)]);
        });
    }

    [Test]
    public async Task What_is_not_there_is_told_without_a_failure()
    {
        var key = ObjectKey.New(Shard);
        await ExpectAbsent(key);
        (await _store.DeleteAsync(key)).Should().BeFalse();
    }

    [Test]
    public async Task A_deleted_object_is_gone()
    {
        ObjectKey key = await Put([1]), other = await Put([2]);
        (await _store.DeleteAsync(key)).Should().BeTrue();
        await ExpectAbsent(key);
        (await _store.DeleteAsync(key)).Should().BeFalse();
        (await List()).Should().Equal(other);
    }

    [Test]
    public async Task A_copy_has_the_bytes_and_lives_on_its_own()
    {
        ObjectKey from = await Put(Bytes(50_000)), to = ObjectKey.New(Guid.NewGuid());
        await _store.CopyAsync(from, to);
        await _store.DeleteAsync(from);
        (await Get(to)).Should().Equal(Bytes(50_000));
        (await _store.GetInfoAsync(to))!.Value.Should().Match<StoredObject>(o => o.Key == to && o.Length == 50_000);
    }

    [Test]
    public async Task A_copy_of_nothing_is_a_missing_object()
    {
        ObjectKey from = ObjectKey.New(Shard), to = ObjectKey.New(Shard);
        await _store.Invoking(s => s.CopyAsync(from, to).AsTask()).Should().ThrowAsync<ObjectMissingException>();
        await ExpectAbsent(to);
    }

    [Test]
    public async Task A_copy_over_an_object_is_refused()
    {
        ObjectKey from = await Put([1]), to = await Put([2]);
        await _store.Invoking(s => s.CopyAsync(from, to).AsTask()).Should().ThrowAsync<HsmAlreadyExistsException>();
        (await Get(to)).Should().Equal(2);
    }

    [Test]
    public async Task The_list_holds_each_object_of_the_shard_once_and_no_other()
    {
        var keys = new List<ObjectKey>();
        for (int i = 0; i < 50; i++)
            keys.Add(await Put(Bytes(i), i % 2 == 0 ? CommitDurability.Immediate : CommitDurability.Deferred));
        ObjectKey foreign = ObjectKey.New(Guid.NewGuid());
        await PutAs(foreign, [1], CommitDurability.Immediate);
        (await List()).Should().BeEquivalentTo(keys);
        await foreach (StoredObject stored in _store.ListAsync(Shard))
            stored.Should().Be(await _store.GetInfoAsync(stored.Key));
        (await List(foreign.ShardId)).Should().Equal(foreign);
        (await List(Guid.NewGuid())).Should().BeEmpty();
    }

    [Test]
    public async Task An_object_is_dated_by_the_clock_that_the_store_tells()
    {
        DateTimeOffset before = await _store.GetTimeAsync();
        ObjectKey key = await Put([1]);
        DateTimeOffset after = await _store.GetTimeAsync();
        DateTimeOffset created = (await _store.GetInfoAsync(key))!.Value.Created;
        created.Should().BeOnOrAfter(before).And.BeOnOrBefore(after);
    }

    [Test]
    public async Task An_object_that_is_deleted_under_a_reader_is_read_to_its_end_or_fails()
    {
        ObjectKey key = await Put(Bytes(1_000));
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        await _store.DeleteAsync(key);
        byte[] buffer = new byte[1_000];
        try
        {
            (await reader.ReadAsync(buffer, 0)).Should().Be(1_000);
            buffer.Should().Equal(Bytes(1_000));
        }
        catch (HsmException)
        {
            // Also well: what must not come is a short read or other bytes.
        }
    }

    [Test]
    public async Task What_is_cancelled_is_not_done()
    {
        ObjectKey key = await Put([1]), fresh = ObjectKey.New(Shard);
        var cancelled = new CancellationToken(canceled: true);
        await _store.Invoking(s => s.CreateAsync(fresh, 1, cancelled).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        await _store.Invoking(s => s.OpenAsync(key, cancelled).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        await _store.Invoking(s => s.DeleteAsync(key, cancelled).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        await _store.Invoking(s => s.CopyAsync(key, fresh, cancelled).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        Func<Task> list = async () =>
        {
            await foreach (StoredObject _ in _store.ListAsync(Shard, cancelled)) { }
        };
        await list.Should().ThrowAsync<OperationCanceledException>();
        await using (IObjectWriter writer = await _store.CreateAsync(fresh, 1))
        {
            await writer.Invoking(w => w.CommitAsync(CommitDurability.Immediate, cancelled).AsTask())
                .Should().ThrowAsync<OperationCanceledException>();
        }
        await ExpectAbsent(fresh);
        (await Get(key)).Should().Equal(1);
    }

    [Test]
    public async Task Many_objects_are_written_at_once()
    {
        ObjectKey[] keys = [.. Enumerable.Range(0, 64).Select(_ => ObjectKey.New(Shard))];
        await Parallel.ForAsync(0, 64, async (i, _) => await PutAs(keys[i], Bytes(1_000, i), CommitDurability.Deferred));
        await _store.FlushAsync();
        for (int i = 0; i < 64; i++)
            (await Get(keys[i])).Should().Equal(Bytes(1_000, i));
        (await List()).Should().BeEquivalentTo(keys);
    }

    private static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<ObjectKey> Put(byte[] bytes, CommitDurability durability = CommitDurability.Immediate)
    {
        var key = ObjectKey.New(Shard);
        await PutAs(key, bytes, durability);
        return key;
    }

    private async Task PutAs(ObjectKey key, byte[] bytes, CommitDurability durability)
    {
        await using IObjectWriter writer = await _store.CreateAsync(key, bytes.Length);
        await writer.WriteAsync(bytes);
        await writer.CommitAsync(durability);
    }

    private async Task<byte[]> Get(ObjectKey key)
    {
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        byte[] bytes = new byte[reader.Length + 1];
        int count = await reader.ReadAsync(bytes, 0);
        count.Should().Be((int)reader.Length);
        return bytes[..count];
    }

    private async Task<List<ObjectKey>> List(Guid? shard = null)
    {
        var keys = new List<ObjectKey>();
        await foreach (StoredObject stored in _store.ListAsync(shard ?? Shard))
            keys.Add(stored.Key);
        return keys;
    }

    private async Task ExpectAbsent(ObjectKey key)
    {
        (await _store.OpenAsync(key)).Should().BeNull();
        (await _store.GetInfoAsync(key)).Should().BeNull();
        (await List()).Should().NotContain(key);
    }
}
