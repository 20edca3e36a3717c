using System.Security.Cryptography;
using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[Platform("Linux")]
public sealed class DirectoryStoreCopyTests
{
    private readonly Guid _shard = Guid.NewGuid();

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_copy_has_the_bytes_and_outlives_its_source_with_and_without_links(bool links)
    {
        using StoreFolder folder = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root, new FaultyDisk { HasLinks = links });
        ObjectKey from = ObjectKey.New(_shard), to = ObjectKey.New(Guid.NewGuid());
        byte[] content = RandomNumberGenerator.GetBytes(200_001);
        await StoreFolder.PutAsync(store, from, content, CommitDurability.Deferred);
        await store.CopyAsync(from, to);
        await store.DeleteAsync(from);
        (await StoreFolder.GetAsync(store, to)).Should().Equal(content);
        folder.TemporaryFiles.Should().BeEmpty();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_copy_never_looks_older_than_it_is(bool links)
    {
        using StoreFolder folder = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root, new FaultyDisk { HasLinks = links });
        ObjectKey from = ObjectKey.New(_shard), to = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(store, from, new byte[1]);
        File.SetLastWriteTimeUtc(folder.ObjectFiles.Single(), DateTime.UnixEpoch);
        DateTimeOffset before = await store.GetTimeAsync();
        await store.CopyAsync(from, to);
        (await store.GetInfoAsync(to))!.Value.Created.Should().BeOnOrAfter(before);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_copy_is_durable_on_return(bool links)
    {
        using StoreFolder folder = new();
        FaultyDisk disk = new() { HasLinks = links };
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root, disk);
        ObjectKey from = ObjectKey.New(_shard), to = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(store, from, new byte[1], CommitDurability.Deferred);
        disk.Forget();
        await store.CopyAsync(from, to);
        string copy = new DirectoryStoreLayout(folder.Root).Object(to);
        List<string> calls = [.. disk.Calls];
        int named = calls.IndexOf($"{(links ? "link" : "rename")} {copy}");
        calls.FindIndex(call => call.StartsWith("flush-file", StringComparison.Ordinal)).Should().BeInRange(0, named);
        calls.LastIndexOf($"flush-directory {Path.GetDirectoryName(copy)}").Should().BeGreaterThan(named);
    }

    [Test]
    public async Task A_copy_of_nothing_or_to_a_key_in_use_is_refused()
    {
        using StoreFolder folder = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root);
        ObjectKey one = ObjectKey.New(_shard), two = ObjectKey.New(_shard), none = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(store, one, new byte[] { 1 });
        await StoreFolder.PutAsync(store, two, new byte[] { 2 });
        Func<Task> missing = async () => await store.CopyAsync(none, ObjectKey.New(_shard));
        Func<Task> taken = async () => await store.CopyAsync(one, two);
        (await missing.Should().ThrowAsync<ObjectMissingException>()).WithMessage($"*{none}*");
        await taken.Should().ThrowAsync<HsmAlreadyExistsException>();
        (await StoreFolder.GetAsync(store, two)).Should().Equal(2);
    }
}
