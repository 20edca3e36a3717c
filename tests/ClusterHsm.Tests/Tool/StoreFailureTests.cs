using ClusterHsm.Tool;
using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>A failure of the store names what is in the store: the user is told which of his files it is of.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class StoreFailureTests : ToolFixture
{
    [TestCase("")]
    [TestCase("--json")]
    public async Task A_full_store_is_told_with_the_name_of_each_file(string option)
    {
        RequireRoot("mount a file system");
        Shard.Write("large", 300_000);
        Shard.Write("larger", 400_000);

        ToolResult result = await ToolProcess.RunMountScriptAsync($"""
            cp -a "$2" "$2.kept"
            mount -t tmpfs -o size=128k tmpfs "$2"
            cp -a "$2.kept/." "$2"
            clusterhsm migrate -r {option} "$1"
            """, Shard.Root, Shard.StoreFolder);

        result.ExitCode.Should().Be((int)HsmError.NoSpace, result.Errors);
        string[] errors = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        errors.Should().HaveCount(2).And.OnlyContain(line => line.Contains("the store is full", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith($"clusterhsm: {Shard.PathOf("large")}: {Shard.StoreFolder}", StringComparison.Ordinal))
            .And.Contain(line => line.StartsWith($"clusterhsm: {Shard.PathOf("larger")}: {Shard.StoreFolder}", StringComparison.Ordinal));
    }

    [TestCase("cat")]
    [TestCase("recall")]
    public async Task A_store_that_lost_a_folder_of_objects_is_told_with_the_name_of_the_file(string command)
    {
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        string folder = Path.GetDirectoryName(Shard.Objects().Single())!;
        Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(folder, "");

        ToolResult result = await ToolProcess.RunAsync(command, Shard.PathOf("f"));

        result.ExitCode.Should().NotBe(0);
        result.Errors.Should().StartWith($"clusterhsm: {Shard.PathOf("f")}: ").And.Contain(Shard.StoreFolder);
    }

    [Test]
    public void A_failure_that_names_the_file_is_told_as_it_is()
    {
        List<string> said = [];
        FailureLog log = new(new ProgressLine(isOnTerminal: false, said.Add));

        log.Add(new NoSpaceException("/store", "it is full", "Make room"), "/shard/f");
        log.Add(new ObjectMissingException("/shard/f", "its object is gone", "Restore it"), "/shard/f");

        said.Should().Equal("clusterhsm: /shard/f: /store: it is full. Make room.\n", "clusterhsm: /shard/f: its object is gone. Restore it.\n");
    }
}
