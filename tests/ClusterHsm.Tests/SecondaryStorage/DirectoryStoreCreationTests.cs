using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[Platform("Linux")]
public sealed class DirectoryStoreCreationTests
{
    [Test]
    public void A_missing_folder_is_no_store_and_is_not_made()
    {
        using StoreFolder folder = new();
        Action open = () => DirectoryStore.Open(folder.Root);
        open.Should().Throw<StoreUnavailableException>().WithMessage($"{folder.Root}: there is no such folder. Check that the store is mounted here.");
        Directory.Exists(folder.Root).Should().BeFalse();
    }

    [Test]
    public void An_empty_folder_may_be_a_store_that_is_not_mounted()
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(folder.Root);
        Action open = () => DirectoryStore.Open(folder.Root);
        open.Should().Throw<StoreUnavailableException>().WithMessage("*no clusterhsm-store.json*mounted*");
        Directory.GetFileSystemEntries(folder.Root).Should().BeEmpty();
    }

    [Test]
    public void A_folder_with_something_else_in_it_is_left_alone()
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(folder.Root);
        File.WriteAllText(Path.Join(folder.Root, "thesis.tex"), "x");
        Action create = () => DirectoryStore.OpenOrCreate(folder.Root);
        create.Should().Throw<HsmAlreadyExistsException>().WithMessage("*thesis.tex*");
        Directory.GetFileSystemEntries(folder.Root).Should().HaveCount(1);
    }

    [Test]
    public void Objects_without_their_marker_are_never_taken_for_an_empty_folder()
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(Path.Join(folder.Root, "objects", Guid.NewGuid().ToString("N")));
        Action create = () => DirectoryStore.OpenOrCreate(folder.Root);
        create.Should().Throw<HsmAlreadyExistsException>().WithMessage("*put its clusterhsm-store.json back*");
    }

    [Test]
    public async Task A_new_file_system_and_an_attempt_that_was_cut_off_count_as_empty()
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(Path.Join(folder.Root, "lost+found"));
        Directory.CreateDirectory(Path.Join(folder.Root, "objects"));
        Directory.CreateDirectory(Path.Join(folder.Root, "tmp"));
        await File.WriteAllTextAsync(Path.Join(folder.Root, "tmp", $"marker-{Guid.NewGuid():N}"), "{");
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root);
        store.Id.Should().NotBe(Guid.Empty);
    }

    [Test]
    public async Task Many_makers_at_once_make_one_store()
    {
        using StoreFolder folder = new();
        Guid[] ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root);
            return store.Id;
        })));
        ids.Distinct().Should().HaveCount(1);
    }

    [Test]
    public void A_store_is_durable_before_it_is_opened()
    {
        using StoreFolder folder = new();
        FaultyDisk disk = new();
        _ = DirectoryStore.OpenOrCreate(folder.Root, disk);
        string marker = Path.Join(folder.Root, "clusterhsm-store.json");
        disk.Calls.Where(call => call.StartsWith("flush", StringComparison.Ordinal) || call.StartsWith("rename", StringComparison.Ordinal))
            .Select(call => call.StartsWith("flush-file", StringComparison.Ordinal) ? "flush-file" : call)
            .Should().Equal($"flush-directory {Path.GetDirectoryName(folder.Root)}", "flush-file", $"rename {marker}", $"flush-directory {folder.Root}");
    }

    [Test]
    public void A_store_that_could_not_be_made_durable_can_be_made_afterwards()
    {
        using StoreFolder folder = new();
        FaultyDisk disk = new() { Fault = call => call.StartsWith("flush-file", StringComparison.Ordinal) ? StoreErrno.NoSpace : 0 };
        Action create = () => DirectoryStore.OpenOrCreate(folder.Root, disk);
        create.Should().Throw<NoSpaceException>().WithMessage($"{folder.Root}: cannot make a store*");
        disk.Fault = _ => 0;
        create.Should().NotThrow();
    }

    [TestCase("""{"clusterhsm-store":2,"id":"00112233445566778899aabbccddeeff"}""")]
    [TestCase("""{"clusterhsm-store":7,"anything":{"else":[1]}}""")]
    public void A_store_of_a_newer_format_is_refused_with_both_versions(string marker)
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(folder.Root);
        File.WriteAllText(Path.Join(folder.Root, "clusterhsm-store.json"), marker);
        Action open = () => DirectoryStore.OpenOrCreate(folder.Root);
        open.Should().Throw<ShardFormatException>().WithMessage("*format ?, and this version of ClusterHsm knows no more than 1*");
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"clusterhsm-store":1}""")]
    [TestCase("""{"clusterhsm-store":"1","id":"00112233445566778899aabbccddeeff"}""")]
    [TestCase("""{"clusterhsm-store":1,"id":7}""")]
    [TestCase("""{"clusterhsm-store":1,"id":"../../etc"}""")]
    public void A_damaged_marker_is_refused_by_name_and_not_replaced(string marker)
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(folder.Root);
        string path = Path.Join(folder.Root, "clusterhsm-store.json");
        File.WriteAllText(path, marker);
        Action open = () => DirectoryStore.OpenOrCreate(folder.Root);
        open.Should().Throw<StoreUnavailableException>().WithMessage($"{path}: *damaged*");
        File.ReadAllText(path).Should().Be(marker);
    }

    [Test]
    public void A_file_where_the_folder_should_be_is_no_store()
    {
        using StoreFolder folder = new();
        File.WriteAllText(folder.Root, "x");
        Action open = () => DirectoryStore.Open(folder.Root);
        Action create = () => DirectoryStore.OpenOrCreate(folder.Root);
        open.Should().Throw<StoreUnavailableException>();
        create.Should().Throw<StoreUnavailableException>();
        File.ReadAllText(folder.Root).Should().Be("x");
    }
}
