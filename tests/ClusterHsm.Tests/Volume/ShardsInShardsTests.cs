using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>
/// A shard in a shard: two signal files for the same files, so that neither's nodes are asked by the other's migrators. None is made, and
/// where there is one all the same, because the outer was made later, nothing of it is made a stub.
/// </summary>
[Platform("Linux")]
public sealed class ShardsInShardsTests
{
    [Test]
    public void A_shard_is_not_made_in_a_shard()
    {
        using LocalShard outer = new();
        string inner = Directory.CreateDirectory(outer.PathOf("a/b")).FullName;

        Action making = () => HsmShard.Initialize(inner, new Uri(outer.StoreFolder));

        making.Should().Throw<HsmAlreadyExistsException>().WithMessage($"{inner}: it lies in the shard '{outer.Root}'*");
        Directory.Exists(Path.Combine(inner, ControlFolder.Name)).Should().BeFalse();
    }

    [Test]
    public void A_link_does_not_hide_the_shard_around_it()
    {
        using LocalShard outer = new(), elsewhere = new(isMade: false);
        Directory.CreateDirectory(outer.PathOf("a"));
        string link = elsewhere.PathOf("link");
        Directory.CreateSymbolicLink(link, outer.PathOf("a"));

        Action making = () => HsmShard.Initialize(link, new Uri(outer.StoreFolder));

        making.Should().Throw<HsmAlreadyExistsException>().WithMessage("*it lies in the shard*");
    }

    [Test]
    public void A_store_is_not_made_in_the_shard_by_way_of_a_link()
    {
        using LocalShard shard = new(isMade: false), elsewhere = new(isMade: false);
        string link = elsewhere.PathOf("link");
        Directory.CreateSymbolicLink(link, shard.Root);

        Action making = () => HsmShard.Initialize(shard.Root, new Uri(Path.Combine(link, "store")));

        making.Should().Throw<StoreUnavailableException>().WithMessage("*it lies in the shard*");
        Directory.EnumerateFileSystemEntries(shard.Root).Should().BeEmpty();
    }

    [Test]
    public void A_store_is_not_made_in_another_shard()
    {
        using LocalShard other = new(), shard = new(isMade: false);

        Action making = () => HsmShard.Initialize(shard.Root, new Uri(other.PathOf("a/store")));

        making.Should().Throw<StoreUnavailableException>().WithMessage($"*it lies in the shard '{other.Root}'*");
        Directory.EnumerateFileSystemEntries(shard.Root).Should().BeEmpty();
        Directory.Exists(other.PathOf("a")).Should().BeFalse();
    }

    [Test]
    public async Task A_shard_leaves_the_objects_of_a_store_alone_that_was_in_it_before()
    {
        using LocalShard outer = new();
        DirectoryStore.OpenOrCreate(outer.PathOf("a/store"));
        Directory.CreateDirectory(outer.PathOf("a/store/objects/x"));
        byte[] bytes = outer.Write("a/store/objects/x/one", 5000);
        await using HsmVolume volume = await outer.OpenAsync();

        MigrationSummary summary = await volume.MigrateAsync(["a/store/objects/x/one", "a/store/clusterhsm-store.json"], LocalShard.AtOnce);

        summary.Should().BeEquivalentTo(new { Skipped = 2L, Archived = 0L, Released = 0L, Failed = 0L });
        File.ReadAllBytes(outer.PathOf("a/store/objects/x/one")).Should().Equal(bytes);
    }

    [Test]
    public async Task An_outer_shard_leaves_the_files_of_an_inner_one_alone()
    {
        using LocalShard outer = new(isMade: false);
        using LocalShard inner = new(below: outer.PathOf("x"));
        byte[] bytes = inner.Write("d/f", 5000);
        HsmShard.Initialize(outer.Root, new Uri(outer.StoreFolder));
        await using HsmVolume volume = await outer.OpenAsync();
        string[] files = [.. volume.EnumerateStatus("").Select(file => file.Path).Where(path => !path.Contains("/store/", StringComparison.Ordinal))];
        files.Should().Contain(path => path.EndsWith("/d/f", StringComparison.Ordinal))
            .And.Contain(path => path.EndsWith(ControlFolder.DescriptorPath, StringComparison.Ordinal));

        MigrationSummary migrated = await volume.MigrateAsync(files, LocalShard.AtOnce);
        MigrationSummary released = await volume.ReleaseAsync(files, LocalShard.AtOnce);

        (migrated.Archived, migrated.Released, migrated.Skipped, migrated.Failed).Should().Be((0, 0, files.Length, 0));
        (released.Released, released.Skipped).Should().Be((0, files.Length));
        File.ReadAllBytes(inner.PathOf("d/f")).Should().Equal(bytes);
    }

    [Test]
    public async Task An_inner_shard_makes_no_stubs_and_brings_back_those_it_has()
    {
        using LocalShard outer = new(isMade: false);
        using LocalShard inner = new(below: outer.PathOf("x"));
        byte[] bytes = inner.Write("f", 5000), others = inner.Write("g", 5000);
        await using (HsmVolume before = await inner.OpenAsync())
            (await before.MigrateAsync(["f"], LocalShard.AtOnce)).Released.Should().Be(1);
        HsmShard.Initialize(outer.Root, new Uri(outer.StoreFolder));
        await using HsmVolume volume = await inner.OpenAsync();

        Func<Task> migrating = () => volume.MigrateAsync(["g"], LocalShard.AtOnce);

        (await migrating.Should().ThrowAsync<InvalidShardException>()).WithMessage($"{inner.Root}: it lies in the shard '{outer.Root}'*");
        (await volume.RecallAsync(["f"])).Recalled.Should().Be(1);
        File.ReadAllBytes(inner.PathOf("f")).Should().Equal(bytes);
        volume.GetStatus("g").State.Should().Be(FileState.Regular);
        File.ReadAllBytes(inner.PathOf("g")).Should().Equal(others);
    }

    [TestCase("in/f", "in")]
    [TestCase("in/d/e/f", "in")]
    [TestCase("./in//d/../f", "in")]
    [TestCase("in/../f", null)]
    [TestCase("out/f", null)]
    [TestCase("f", null)]
    public void An_inner_shard_is_found_by_any_path(string path, string? root)
    {
        using LocalShard outer = new(isMade: false);
        Directory.CreateDirectory(outer.PathOf("in/.clusterhsm"));
        File.WriteAllText(outer.PathOf("in/.clusterhsm/shard.json"), "{}");
        Directory.CreateDirectory(outer.PathOf("in/d/e"));
        Directory.CreateDirectory(outer.PathOf("out"));
        using IShardFileSystem shard = ShardFileSystem.Open(outer.Root);

        new InnerFolders(shard).OwnerOf(path).Should().Be(root is null ? null : $"another shard, '{outer.PathOf(root)}'");
    }
}
