using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Ci;

/// <summary>What <c>tests/ClusterHsm.Torture/on-ext4</c> says of where it ran, with stand-ins for all that it starts.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class TortureScriptTests
{
    private const string Done = "exit 0";

    private ScriptStage _stage = null!;

    [SetUp]
    public void MakeTree()
    {
        _stage = new ScriptStage("tests/ClusterHsm.Torture/on-ext4", "bash", "dirname", "flock", "mkdir", "mktemp", "realpath", "rm", "sh", "stat", "tail", "truncate");
        _stage.Copy("tests/ClusterHsm.Torture/built");
        _stage.Write("bin/dotnet", Done);
        _stage.Write("bin/id", "echo 0");
        foreach (string program in (string[])["mkfs.ext4", "mount", "umount"])
            _stage.Write($"bin/{program}", Done);
        _stage.Write("bin/mountpoint", "exit 1");
        Torture("exit 0");
    }

    [TearDown]
    public void RemoveTree() => _stage?.Dispose();

    [Test]
    public async Task On_a_disk_of_its_own_the_shard_may_be_filled()
    {
        (int status, string[] lines) = await _stage.RunAsync("120", "--seed", "7");

        (status, lines).Should().BeEquivalentTo((0, Array.Empty<string>()));
        Asked().Should().EndWith("--seconds 120 --may-fill --seed 7");
        Left().Should().BeEmpty();
    }

    [TestCase("id", "echo 1000", "only root can mount a disk in a file")]
    [TestCase("mkfs.ext4", "echo no space; exit 1", "a disk in a file could not be made: no space")]
    [TestCase("mount", "echo no loop devices >&2; exit 32", "a disk in a file cannot be mounted here: no loop devices")]
    public async Task Without_one_nothing_is_filled_and_that_is_said(string program, string script, string why)
    {
        _stage.Write($"bin/{program}", script);

        (int status, string[] lines) = await _stage.RunAsync("120");

        status.Should().Be(77);
        lines[^1].Should().StartWith("all was right on ").And.EndWith($", which was not filled: {why}");
        Asked().Should().EndWith("--seconds 120");
        Left().Should().BeEmpty();
    }

    [Test]
    public async Task A_failure_is_one_with_and_without_a_disk_and_keeps_what_is_there([Values] bool asRoot)
    {
        if (!asRoot)
            _stage.Write("bin/id", "echo 1000");
        Torture("exit 1");

        (int status, string[] lines) = await _stage.RunAsync("120");

        status.Should().Be(1);
        lines[^1].Should().StartWith("kept: the disk ");
        Left().Should().ContainSingle();
    }

    [Test]
    public async Task What_does_not_build_is_shown_and_nothing_is_tried()
    {
        _stage.Write("bin/dotnet", "echo 'error CS0000: no'; exit 1");

        (int status, string[] lines) = await _stage.RunAsync("120");

        (status, lines).Should().BeEquivalentTo((1, (string[])["error CS0000: no"]));
        File.Exists(_stage.PathOf("asked")).Should().BeFalse();
        Left().Should().BeEmpty();
    }

    private void Torture(string end) => _stage.Write("tree/tests/ClusterHsm.Torture/bin/Release/net10.0/ClusterHsm.Torture", $"echo \"$@\" > '{_stage.PathOf("asked")}'\n{end}");

    private string Asked() => File.ReadAllText(_stage.PathOf("asked")).TrimEnd();

    /// <summary>What is left in the folder for temporary files, which is the stage's own.</summary>
    private string[] Left() => Directory.GetDirectories(_stage.Folder, "tmp.*");
}
