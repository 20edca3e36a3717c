using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Many files under a small <c>ulimit -n</c>: fewer are under way at once, and none fails.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FewDescriptorsTests : ToolFixture
{
    [Test]
    public async Task Hundreds_of_files_are_migrated_and_recalled_with_200_descriptors()
    {
        byte[][] bytes = [.. Enumerable.Range(0, 600).Select(i => Shard.Write($"d/{i}", 4096 + i))];

        (await RunAsync("migrate --min-age 0 --recursive")).End.Should().Be(Done);
        (await StateAsync("d/0")).Should().Be(ClusterHsm.Stubs.FileState.Released);
        (await RunAsync("recall --recursive")).End.Should().Be(Done);

        for (int i = 0; i < bytes.Length; i++)
            (await File.ReadAllBytesAsync(Shard.PathOf($"d/{i}"))).Should().Equal(bytes[i]);
    }

    private Task<ToolResult> RunAsync(string command) => ToolProcess.RunScriptAsync($"ulimit -n 200; clusterhsm {command} \"$1\"", Shard.Root);
}
