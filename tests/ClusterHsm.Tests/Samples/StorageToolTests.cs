using System.Diagnostics;
using ClusterHsm.Tests.Tool;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Samples;

[Platform("Linux")]
public sealed class StorageToolTests
{
    private LocalShard _shard = null!;

    [SetUp]
    public void Make()
    {
        _shard = new LocalShard();
        _shard.Write("large", 300_000);
        _shard.Write("d/middle", 200_000);
        _shard.Write("small", 10_000);
    }

    [TearDown]
    public void Remove() => _shard.Dispose();

    [Test]
    public async Task It_releases_the_largest_files_until_enough_is_freed_and_tells_of_each()
    {
        ToolResult result = await SampleProcess.RunAsync("StorageTool", _shard.Root, "--free", "400000", "--settle", "00:00:00");

        result.End.Should().Be((0, ""));
        result.Lines[0].Should().StartWith("2 files with ");
        result.Lines.Should().Contain(static line => line.StartsWith("Released large ", StringComparison.Ordinal))
            .And.Contain(static line => line.StartsWith("Released d/middle ", StringComparison.Ordinal));
        result.Lines[^1].Should().StartWith("2 released, 500000 bytes freed, 0 passed over, 0 failed; strict for ");
        await using HsmVolume volume = await _shard.OpenAsync();
        volume.EnumerateStatus("").Where(static file => file.IsStub).Select(static file => file.Path).Should().BeEquivalentTo(["large", "d/middle"]);
    }

    [TestCase(Signum.SIGINT)]
    [TestCase(Signum.SIGTERM)]
    public async Task Cut_off_it_says_so_and_leaves_every_file_whole(Signum signal)
    {
        // Files this young are waited for: an hour, in which the signal comes.
        using Process tool = SampleProcess.Start("StorageTool", _shard.Root, "--free", "400000", "--settle", "01:00:00");
        string? first = await tool.StandardOutput.ReadLineAsync();
        first.Should().StartWith("2 files with ");
        Syscall.kill(tool.Id, signal).Should().Be(0);

        ToolResult result = await ToolProcess.FinishAsync(tool);
        result.End.Should().Be((130, "cancelled; what was done stays done\n"));
        await using HsmVolume volume = await _shard.OpenAsync();
        volume.EnumerateStatus("").Should().HaveCount(3).And.OnlyContain(static file => !file.IsStub && file.Problem == null);
    }
}
