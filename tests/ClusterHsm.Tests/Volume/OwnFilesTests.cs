using ClusterHsm.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>The shard's own files are no data: nobody reads or writes them through a volume, by whatever path.</summary>
public class OwnFilesTests
{
    [TestCase(".clusterhsm/signal")]
    [TestCase(".clusterhsm/key")]
    [TestCase(".clusterhsm/nodes/a.json")]
    [TestCase("./.clusterhsm/shard.json")]
    [TestCase(".//.clusterhsm//shard.json")]
    [TestCase("d/../.clusterhsm/shard.json")]
    [TestCase("d/e/../../.clusterhsm")]
    [TestCase(".clusterhsm/nodes/../shard.json")]
    public void A_path_that_names_the_control_folder_is_known_by_its_text(string path) => OwnFiles.AreNamedBy(path).Should().BeTrue();

    [TestCase("f")]
    [TestCase("d/.clusterhsm/f")]
    [TestCase(".clusterhsm.txt")]
    [TestCase("my.clusterhsm/f")]
    [TestCase(".clusterhsm/../f")]
    [TestCase(".clusterhsm-doctor/f")]
    public void Other_paths_are_not(string path) => OwnFiles.AreNamedBy(path).Should().BeFalse();

    [TestCase(".clusterhsm/shard.json", FileMode.Open)]
    [TestCase("./.clusterhsm/signal", FileMode.Truncate)]
    [TestCase(".clusterhsm/new", FileMode.CreateNew)]
    public async Task A_volume_does_not_open_them_and_makes_none(string path, FileMode mode)
    {
        using LocalShard shard = new();
        await using HsmVolume volume = await shard.OpenAsync();
        string before = File.ReadAllText(shard.PathOf(ControlFolder.DescriptorPath));

        Func<Task> opening = async () => await volume.OpenFileAsync(path, new HsmOpenOptions { Access = FileAccess.ReadWrite, Mode = mode });

        (await opening.Should().ThrowAsync<OutsideRootException>())
            .WithMessage("*shard's own files. They hold no data. Name a file outside of '.clusterhsm'.");
        File.Exists(shard.PathOf(".clusterhsm/new")).Should().BeFalse();
        File.ReadAllText(shard.PathOf(ControlFolder.DescriptorPath)).Should().Be(before);
    }

    [Test]
    public async Task A_file_of_that_name_below_another_folder_is_data()
    {
        using LocalShard shard = new();
        byte[] bytes = shard.Write("d/.clusterhsm/f", 5000);
        await using HsmVolume volume = await shard.OpenAsync();

        (await volume.ReadAllAsync("d/.clusterhsm/f")).Should().Equal(bytes);
    }
}
