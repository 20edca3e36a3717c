using System.Runtime.Versioning;
using System.Security.Cryptography;
using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class DirectoryStoreTests
{
    private static readonly Guid s_shard = Guid.NewGuid();

    private StoreFolder _folder = null!;
    private DirectoryStore _store = null!;

    [SetUp]
    public void Make()
    {
        _folder = new StoreFolder();
        _store = DirectoryStore.OpenOrCreate(_folder.Root);
    }

    [TearDown]
    public async Task Remove()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task An_object_lies_under_the_first_bytes_of_its_name_and_nobody_may_write_it()
    {
        ObjectKey key = new(s_shard, Guid.ParseExact("abcdef00000000000000000000000001", "N"));
        await StoreFolder.PutAsync(_store, key, "content"u8.ToArray());
        string path = Path.Join(_folder.Root, $"objects/{s_shard:N}/ab/cd/abcdef00000000000000000000000001");
        _folder.ObjectFiles.Should().Equal(path);
        (File.GetUnixFileMode(path) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.OtherRead)).Should().Be(UnixFileMode.None);
        (File.GetUnixFileMode(Path.GetDirectoryName(path)!) & (UnixFileMode.OtherRead | UnixFileMode.OtherExecute)).Should().Be(UnixFileMode.None);
        File.ReadAllBytes(path).Should().Equal("content"u8.ToArray());
    }

    [Test]
    public async Task An_object_that_is_not_committed_is_seen_by_nobody_and_leaves_nothing()
    {
        ObjectKey key = ObjectKey.New(s_shard);
        IObjectWriter writer = await _store.CreateAsync(key, 3);
        await writer.WriteAsync(new byte[3]);
        await using (DirectoryStore other = DirectoryStore.Open(_folder.Root))
        {
            (await other.OpenAsync(key)).Should().BeNull();
            (await other.GetInfoAsync(key)).Should().BeNull();
            (await StoreFolder.ListAsync(other, s_shard)).Should().BeEmpty();
        }
        _folder.TemporaryFiles.Should().HaveCount(1);
        await writer.DisposeAsync();
        _folder.TemporaryFiles.Should().BeEmpty();
        _folder.ObjectFiles.Should().BeEmpty();
    }

    [Test]
    public async Task A_cancelled_upload_cannot_be_committed_and_leaves_nothing()
    {
        ObjectKey key = ObjectKey.New(s_shard);
        await using (IObjectWriter writer = await _store.CreateAsync(key, 100))
        {
            await writer.WriteAsync(new byte[50]);
            Func<Task> write = async () => await writer.WriteAsync(new byte[50], new CancellationToken(canceled: true));
            await write.Should().ThrowAsync<OperationCanceledException>();
            Func<Task> commit = async () => await writer.CommitAsync(CommitDurability.Immediate);
            await commit.Should().ThrowAsync<InvalidOperationException>();
        }
        _folder.TemporaryFiles.Should().BeEmpty();
        (await _store.GetInfoAsync(key)).Should().BeNull();
    }

    [TestCase(0)]
    [TestCase(StoreErrno.Invalid)]
    [TestCase(StoreErrno.NoSystemCall)]
    public async Task Of_many_writers_of_one_key_exactly_one_wins_whether_by_rename_or_by_link(int renameAnswer)
    {
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(_folder.Root, new FaultyDisk { RenameAnswer = renameAnswer });
        for (int round = 0; round < 20; round++)
        {
            ObjectKey key = ObjectKey.New(s_shard);
            IObjectWriter[] writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.CreateAsync(key, 1).AsTask()));
            bool[] won = await Task.WhenAll(writers.Select(async (writer, number) =>
            {
                await using (writer)
                {
                    await writer.WriteAsync(new[] { (byte)number });
                    try
                    {
                        await writer.CommitAsync(CommitDurability.Deferred);
                        return true;
                    }
                    catch (HsmAlreadyExistsException)
                    {
                        return false;
                    }
                }
            }));
            won.Count(one => one).Should().Be(1);
            (await StoreFolder.GetAsync(store, key)).Should().Equal((byte)Array.IndexOf(won, true));
        }
        _folder.TemporaryFiles.Should().BeEmpty();
    }

    [Test]
    public async Task A_key_in_use_is_refused_at_once_and_its_object_kept()
    {
        ObjectKey key = ObjectKey.New(s_shard);
        await StoreFolder.PutAsync(_store, key, new byte[] { 1 });
        Func<Task> again = async () => await _store.CreateAsync(key, 1);
        (await again.Should().ThrowAsync<HsmAlreadyExistsException>()).WithMessage($"*{key}*");
        (await StoreFolder.GetAsync(_store, key)).Should().Equal(1);
    }

    [Test]
    public async Task Many_objects_at_once_are_all_there_with_their_bytes()
    {
        Dictionary<ObjectKey, byte[]> contents = Enumerable.Range(0, 400).ToDictionary(_ => ObjectKey.New(s_shard), RandomNumberGenerator.GetBytes);
        await Parallel.ForEachAsync(contents, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (one, _) =>
            await StoreFolder.PutAsync(_store, one.Key, one.Value, one.Value.Length % 10 == 0 ? CommitDurability.Immediate : CommitDurability.Deferred));
        await _store.FlushAsync();
        List<StoredObject> listed = await StoreFolder.ListAsync(_store, s_shard);
        listed.Select(one => one.Key).Should().BeEquivalentTo(contents.Keys);
        foreach (StoredObject one in listed)
        {
            one.Length.Should().Be(contents[one.Key].Length);
            (await StoreFolder.GetAsync(_store, one.Key)).Should().Equal(contents[one.Key]);
        }
        _folder.TemporaryFiles.Should().BeEmpty();
    }

    [Test]
    public async Task Two_stores_know_nothing_of_each_other()
    {
        using StoreFolder folder = new();
        await using DirectoryStore other = DirectoryStore.OpenOrCreate(folder.Root);
        ObjectKey key = ObjectKey.New(s_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1]);
        other.Id.Should().NotBe(_store.Id);
        (await other.OpenAsync(key)).Should().BeNull();
        (await StoreFolder.ListAsync(_store, Guid.NewGuid())).Should().BeEmpty();
    }

    [Test]
    public async Task A_range_is_read_in_full_and_short_only_at_the_end()
    {
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        ObjectKey key = ObjectKey.New(s_shard);
        await StoreFolder.PutAsync(_store, key, content);
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        byte[] buffer = new byte[1000];
        (await reader.ReadAsync(buffer, 123_456)).Should().Be(1000);
        buffer.Should().Equal(content[123_456..124_456]);
        (await reader.ReadAsync(buffer, 299_500)).Should().Be(500);
        (await reader.ReadAsync(buffer, 300_000)).Should().Be(0);
        (await reader.ReadAsync(buffer, long.MaxValue - 1000)).Should().Be(0);
        Func<Task> negative = async () => await reader.ReadAsync(buffer, -1);
        await negative.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Test]
    public async Task An_object_that_is_deleted_while_it_is_read_is_read_to_its_end()
    {
        ObjectKey key = ObjectKey.New(s_shard);
        await StoreFolder.PutAsync(_store, key, new byte[] { 1, 2, 3 });
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        (await _store.DeleteAsync(key)).Should().BeTrue();
        (await _store.DeleteAsync(key)).Should().BeFalse();
        byte[] buffer = new byte[3];
        (await reader.ReadAsync(buffer, 0)).Should().Be(3);
        buffer.Should().Equal(1, 2, 3);
    }

    [Test]
    public async Task A_link_in_an_objects_place_is_not_followed()
    {
        ObjectKey key = ObjectKey.New(s_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1]);
        string path = _folder.ObjectFiles.Single();
        File.Delete(path);
        File.CreateSymbolicLink(path, "/etc/passwd");
        Func<Task> open = async () => await _store.OpenAsync(key);
        (await open.Should().ThrowAsync<StoreUnavailableException>()).WithMessage($"*{key}*not a regular file*");
    }

    [Test]
    public async Task No_lock_is_taken_that_another_program_could_run_into()
    {
        ObjectKey key = ObjectKey.New(s_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1]);
        await using IObjectReader reader = (await _store.OpenAsync(key))!;
        // FileShare.None is an exclusive flock on Linux: it is refused while anyone holds a shared one.
        using FileStream exclusive = new(_folder.ObjectFiles.Single(), FileMode.Open, FileAccess.Read, FileShare.None);
        (await reader.ReadAsync(new byte[1], 0)).Should().Be(1);
    }

    [Test]
    public async Task The_stores_time_runs_between_commits()
    {
        ObjectKey first = ObjectKey.New(s_shard);
        DateTimeOffset before = await _store.GetTimeAsync();
        await StoreFolder.PutAsync(_store, first, new byte[1]);
        DateTimeOffset after = await _store.GetTimeAsync();
        (await _store.GetInfoAsync(first))!.Value.Created.Should().BeOnOrAfter(before).And.BeOnOrBefore(after);
        _folder.TemporaryFiles.Should().BeEmpty();
    }

    [Test]
    public async Task After_disposal_every_call_says_so()
    {
        await _store.DisposeAsync();
        await _store.DisposeAsync();
        Func<Task>[] calls =
        [
            async () => await _store.CreateAsync(ObjectKey.New(s_shard), 1),
            async () => await _store.OpenAsync(ObjectKey.New(s_shard)),
            async () => await _store.FlushAsync(),
            async () => await StoreFolder.ListAsync(_store, s_shard),
        ];
        foreach (Func<Task> call in calls)
            await call.Should().ThrowAsync<ObjectDisposedException>();
    }
}
