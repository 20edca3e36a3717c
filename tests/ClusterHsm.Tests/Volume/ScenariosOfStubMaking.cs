using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>R8: whatever makes an inode a stub does so inside a handover, so that nobody takes it for the file that it was.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public class ScenariosOfStubMaking : NodeScenarioFixture
{
    private const string Strict = "strict, signal held, quiesce held";

    /// <remarks>The first and the last are the same inode before and after: a node that went on relaxed would read a hole of it.</remarks>
    [TestCase("release", "write record", "punch")]
    [TestCase("import", "write record", "set length")]
    [TestCase("import over an empty file", "write record", "set length")]
    public async Task R8_while_a_file_becomes_a_stub_no_node_is_relaxed_and_who_knew_the_inode_as_regular_reads_no_hole(
        string how, params string[] steps)
    {
        byte[] bytes = Shard.Write("f", 50_000);
        await using HookedVolume migrator = new(Shard);
        await migrator.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        StubExport export = migrator.Volume.Export("f")! with { Path = "g" };
        string path = how == "release" ? "f" : "g";
        bool isThere = how != "import";
        if (how == "import over an empty file")
            Shard.Write("g", 0);
        NodeChild node = await StartNodeAsync("poll=20");
        await node.AskAsync("await", LockMode.Relaxed);
        if (isThere)
            (await node.AskAsync("read-all", path)).Should().Be(NodeChild.Read(how == "release" ? bytes : []), "and its inode is in the node's cache");
        using IShardFileSystem witness = ShardFileSystem.Open(Shard.Root);
        using IShardFile signal = witness.Open(ControlFolder.SignalPath, ShardOpenOptions.Read);
        using IShardFile quiesce = witness.Open(ControlFolder.QuiescePath, ShardOpenOptions.Read);
        List<(string Step, string Seen)> seen = [];
        migrator.Shard.Changing = (step, changed) =>
        {
            if (changed == path)
                seen.Add((step, Look()));
        };

        if (how == "release")
            await migrator.Volume.MakeStubAsync("f");
        else
            await ImportAsync(migrator.Volume, export);

        (await node.AskAsync("read-all", path)).Should().Be(NodeChild.Read(bytes));
        seen.Select(one => one.Step).Should().Contain(steps);
        // That the hole is durable is waited for when the handover is over.
        (how == "release" && seen[^1].Step == "flush" ? seen[..^1] : seen).Should().OnlyContain(one => one.Seen == Strict);

        string Look()
        {
            string mode = Task.Run(() => node.AskAsync("mode")).GetAwaiter().GetResult().Split(' ')[0];
            return $"{mode.ToLowerInvariant()}, signal {Of(signal)}, quiesce {Of(quiesce)}";
        }

        static string Of(IShardFile file) => file.QueryLock(new LockRange(0, 4096), LockKind.Shared).Status == LockStatus.Denied ? "held" : "free";
    }

    /// <summary>Again, if a busy machine has lost the handover.</summary>
    private static async Task ImportAsync(HsmVolume volume, StubExport export)
    {
        MigrationSummary summary;
        do
        {
            summary = await volume.ImportAsync([export], LocalShard.AtOnce);
            summary.Failures.Should().BeEmpty();
        }
        while (summary.Imported == 0);
    }
}
