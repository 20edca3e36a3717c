using System.Runtime.Versioning;
using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>A key names an object of the store, whatever text it is made of, and links in the store lead no writer out of it.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class DirectoryStoreHostileTests
{
    private static readonly string[] s_hostile =
    [
        "..", "/etc/passwd", "../../etc/passwd", "", "\0", new string('.', 65), new string('/', 65),
        $"{new string('.', 32)}/{new string('.', 32)}", $"{new string('a', 32)}/../../../../../etc/passwd/./././.", $"{new string('a', 32)}\\{new string('a', 32)}",
        $"{new string('a', 32)}/{new string('a', 31)}/", $"{new string('a', 32)}/{new string('a', 31)}\0", $" {new string('a', 31)}/{new string('a', 32)}",
        $"{new string('a', 32)}/{new string('a', 32)}/..", $"{{{new string('a', 30)}}}/{new string('a', 32)}", $"{new string('a', 32)}/+{new string('a', 31)}",
    ];

    private StoreFolder _folder = null!;
    private DirectoryStore _store = null!;
    private string _outside = null!;

    [SetUp]
    public void Make()
    {
        _folder = new StoreFolder();
        _store = DirectoryStore.OpenOrCreate(_folder.Root);
        _outside = Directory.CreateDirectory(Path.Join(Path.GetDirectoryName(_folder.Root), "outside")).FullName;
        File.WriteAllText(Path.Join(_outside, "canary"), "alive");
    }

    [TearDown]
    public async Task Remove()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [TestCaseSource(nameof(s_hostile))]
    public void Text_that_is_no_key_makes_none(string text) => ObjectKey.TryParse(text, out _).Should().BeFalse();

    [Test]
    public async Task Every_key_that_there_can_be_lies_below_the_stores_objects()
    {
        string objects = Path.Join(_folder.Root, "objects") + "/";
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = new byte[32];
            random.NextBytes(bytes);
            ObjectKey key = i switch
            {
                0 => default,
                1 => new ObjectKey(Guid.AllBitsSet, Guid.AllBitsSet),
                _ => new ObjectKey(new Guid(bytes.AsSpan(0, 16)), new Guid(bytes.AsSpan(16))),
            };
            await StoreFolder.PutAsync(_store, key, bytes, CommitDurability.Deferred);
            Path.GetFullPath(new DirectoryStoreLayout(_folder.Root).Object(key)).Should().StartWith(objects);
            (await StoreFolder.GetAsync(_store, key)).Should().Equal(bytes);
        }
        _folder.ObjectFiles.Should().HaveCount(200);
        Directory.GetFileSystemEntries(_outside).Should().ContainSingle();
    }

    [Test]
    public async Task A_link_in_an_objects_place_is_never_written_through_nor_listed_nor_does_its_deletion_take_its_target()
    {
        ObjectKey key = ObjectKey.New(Guid.NewGuid());
        await StoreFolder.PutAsync(_store, key, "content"u8.ToArray());
        string place = _folder.ObjectFiles.Single();
        File.Delete(place);
        File.CreateSymbolicLink(place, Path.Join(_outside, "canary"));

        Func<Task> overwriting = () => StoreFolder.PutAsync(_store, key, "content"u8.ToArray());

        await overwriting.Should().ThrowAsync<HsmException>();
        try
        {
            (await StoreFolder.ListAsync(_store, key.ShardId)).Should().BeEmpty();
        }
        catch (HsmException)
        {
            // Named, and nothing listed.
        }
        await _store.DeleteAsync(key);
        File.ReadAllText(Path.Join(_outside, "canary")).Should().Be("alive");
    }
}
