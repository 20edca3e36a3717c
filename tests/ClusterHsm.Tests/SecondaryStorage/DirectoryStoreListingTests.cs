using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[Platform("Linux")]
public sealed class DirectoryStoreListingTests
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
    }

    [TearDown]
    public async Task Remove()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Uploads_of_killed_processes_are_removed_when_they_are_a_day_old_and_not_before()
    {
        string temporary = Path.Join(_folder.Root, "tmp");
        string old = Path.Join(temporary, $"upload-{Guid.NewGuid():N}"), young = Path.Join(temporary, $"upload-{Guid.NewGuid():N}");
        string foreign = Path.Join(temporary, "notes.txt");
        foreach (string path in new[] { old, young, foreign })
            await File.WriteAllTextAsync(path, "x");
        _disk.Age = (path, info) => path == old || path == foreign ? info with { Changed = info.Changed - TimeSpan.FromHours(25) }
            : path == young ? info with { Changed = info.Changed - TimeSpan.FromHours(23) } : info;
        (await StoreFolder.ListAsync(_store, _shard)).Should().BeEmpty();
        _folder.TemporaryFiles.Should().BeEquivalentTo(young, foreign);
    }

    [Test]
    public async Task Who_may_not_write_can_list_all_the_same()
    {
        ObjectKey key = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1]);
        _disk.Fault = call => call.StartsWith("create", StringComparison.Ordinal) ? StoreErrno.AccessDenied : 0;
        (await StoreFolder.ListAsync(_store, _shard)).Should().ContainSingle().Which.Key.Should().Be(key);
    }

    [Test]
    public async Task What_the_store_did_not_make_is_passed_over()
    {
        ObjectKey key = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(_store, key, new byte[1]);
        string path = _folder.ObjectFiles.Single();
        await File.WriteAllTextAsync(Path.Join(Path.GetDirectoryName(path), "README"), "x");
        string wrongPlace = Path.Join(Path.GetDirectoryName(path), new string(Path.GetFileName(path)[0] == '0' ? 'f' : '0', 32));
        await File.WriteAllTextAsync(wrongPlace, "x");
        Directory.CreateDirectory(Path.Join(_folder.Root, "objects", _shard.ToString("N"), ".snapshot"));
        (await StoreFolder.ListAsync(_store, _shard)).Should().ContainSingle().Which.Key.Should().Be(key);
    }

    [TestCase("aa")]
    [TestCase("aa/bb")]
    public async Task A_folder_that_cannot_be_read_ends_the_listing_with_an_error(string folder)
    {
        string path = Path.Join(_folder.Root, "objects", _shard.ToString("N"), folder);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "a file cannot be read as a folder, whoever tries");
        Func<Task> list = () => StoreFolder.ListAsync(_store, _shard);
        await list.Should().ThrowAsync<StoreUnavailableException>();
    }

    [Test]
    public async Task A_file_that_cannot_be_looked_at_ends_the_listing_with_an_error()
    {
        await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1]);
        string path = _folder.ObjectFiles.Single();
        _disk.Fault = call => call == $"look {path}" ? StoreErrno.AccessDenied : 0;
        Func<Task> list = () => StoreFolder.ListAsync(_store, _shard);
        await list.Should().ThrowAsync<HsmAccessDeniedException>();
    }

    [Test]
    public async Task A_listing_can_be_cancelled()
    {
        for (int count = 0; count < 5; count++)
            await StoreFolder.PutAsync(_store, ObjectKey.New(_shard), new byte[1], CommitDurability.Deferred);
        using CancellationTokenSource cancellation = new();
        int seen = 0;
        Func<Task> list = async () =>
        {
            await foreach (StoredObject _ in _store.ListAsync(_shard, cancellation.Token))
            {
                seen++;
                cancellation.Cancel();
            }
        };
        await list.Should().ThrowAsync<OperationCanceledException>();
        seen.Should().Be(1);
    }
}
