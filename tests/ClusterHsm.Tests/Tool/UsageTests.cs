using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Wrong usage: exit code 2, and where to look.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UsageTests : ToolFixture
{
    [TestCase("")]
    [TestCase("nosuch")]
    [TestCase("status")]
    [TestCase("status --nosuch f")]
    [TestCase("migrate --dryrun f")]
    [TestCase("recall f -R")]
    [TestCase("verify --Deep")]
    [TestCase("cat a b")]
    [TestCase("init /tmp")]
    [TestCase("init /tmp --store here")]
    [TestCase("init /tmp/nowhere --store file:///tmp/nowhere/store")]
    [TestCase("init /tmp/nowhere --store file:///tmp/nowhere")]
    [TestCase("migrate --min-size much f")]
    [TestCase("migrate --min-size -1 f")]
    [TestCase("migrate --min-size 99999999999E f")]
    [TestCase("migrate --min-age 30 f")]
    [TestCase("migrate --min-age soon f")]
    [TestCase("migrate --min-age -1d f")]
    [TestCase("migrate --min-age 99999999999d f")]
    [TestCase("migrate --jobs 0 f")]
    [TestCase("migrate --jobs many f")]
    [TestCase("migrate --jobs 99999999999 f")]
    [TestCase("migrate --quiesce-timeout -1 f")]
    [TestCase("migrate --quiesce-timeout soon f")]
    [TestCase("migrate --quiesce-timeout NaN f")]
    [TestCase("watch --interval 0 f")]
    [TestCase("watch --interval often f")]
    [TestCase("watch --count 0 f")]
    [TestCase("watch --count 1.5 f")]
    [TestCase("doctor --timeout soon f")]
    public async Task Wrong_usage_is_2_and_points_to_the_help(string line)
    {
        string[] args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        ToolResult result = await ToolProcess.RunAsync(args);

        (result.ExitCode, result.Output).Should().Be((2, ""), result.Errors);
        result.Errors.Should().StartWith("clusterhsm: ").And.Contain("See 'clusterhsm ").And.EndWith("--help'.\n");
    }

    [Test]
    public async Task An_empty_root_is_wrong_usage()
    {
        ToolResult result = await ToolProcess.RunAsync("init", "", "--store", "file:///nowhere/store");

        result.End.Should().Be((2, "clusterhsm: ROOT: the path is empty.\nclusterhsm: See 'clusterhsm init --help'.\n"));
    }

    [Test]
    public async Task A_file_for_a_root_and_a_folder_for_an_export_are_named_as_what_they_are()
    {
        Shard.Write("f", 10);

        (await ToolProcess.RunAsync("init", Shard.PathOf("f"), "--store", "file:///nowhere/store")).End.Should()
            .Be((30, $"clusterhsm: {Shard.PathOf("f")}: it is not a folder. Name the folder that is to be the shard's root.\n"));
        (await ToolProcess.RunAsync("import", Shard.Root, Shard.Root)).End.Should()
            .Be((30, $"clusterhsm: {Shard.Root}: it is a folder. Name what 'clusterhsm export' has written.\n"));
    }

    [Test]
    public async Task A_shard_that_lost_its_descriptor_is_not_told_to_become_a_new_one()
    {
        Shard.Write("f", 10);
        File.Delete(Shard.PathOf(".clusterhsm/shard.json"));

        ToolResult result = await ToolProcess.RunAsync("status", Shard.PathOf("f"));

        result.ExitCode.Should().Be(10);
        result.Errors.Should().StartWith($"clusterhsm: {Shard.Root}: ").And.Contain("restore that file from a backup");
    }

    [Test]
    public async Task A_record_that_finds_no_room_beside_other_attributes_is_not_taken_for_a_full_disk()
    {
        Shard.Write("f", 5000);
        await SetAttributeAsync("f", "user.large", new byte[3700]);

        ToolResult result = await ToolProcess.RunAsync("migrate", Shard.PathOf("f"));

        if (result.ExitCode == 0)
            Assert.Ignore("this file system has room for many attributes");
        result.ExitCode.Should().Be(22);
        result.Errors.Should().Contain("beside the file's other extended attributes");
    }
}
