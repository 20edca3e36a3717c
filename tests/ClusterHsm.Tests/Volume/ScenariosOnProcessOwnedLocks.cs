using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>The main loop where there are no open-file-description locks: on POSIX record locks, which belong to the process.</summary>
/// <remarks>
/// Nobody here opens a file of the shard but through these volumes: a program's own close of a file drops every lock that it has on it.
/// </remarks>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class ScenariosOnProcessOwnedLocks : NodeScenarioFixture
{
    private const int Length = 300_000;

    private static readonly string s_option = $"locks={LockDriver.ProcessOwned}";

    [Test]
    public async Task A_relaxed_node_in_another_process_leaves_for_a_release_recalls_and_is_relaxed_again()
    {
        string right = NodeChild.Read(Shard.Write("f", Length));
        await using ComposedNode migrator = NewNode();
        await migrator.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        NodeChild node = await StartNodeAsync(s_option);
        for (int release = 1; release <= 3; release++)
        {
            await OpenRelaxedAsync(node, "f", "f");
            (await node.AskAsync("digest", "f")).Should().Be(right, "before");

            await migrator.Volume.ReleaseOnceAsync("f", LetGoAsync);

            migrator.Volume.GetStatus("f").State.Should().Be(FileState.Released);
            (await node.AskAsync("digest", "f")).Should().Be(right, "after");
            (await node.AskAsync("read-all", "f")).Should().Be(right);
            (await node.AskAsync("recalled-bytes")).Should().Be($"{release * Length}");
            await node.AskAsync("close", "f");
        }

        async Task LetGoAsync()
        {
            await node.AskAsync("await", LockMode.Relaxed);
            await node.AskAsync("digest", "f");
        }
    }

    [Test]
    public async Task A_reader_in_the_migrators_own_process_sees_the_right_bytes_before_and_after_each_release()
    {
        byte[] bytes = Shard.Write("f", Length);
        await using ComposedNode migrator = NewNode();
        await migrator.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        await using ComposedNode node = NewNode();
        await node.Monitor.WaitForModeAsync(LockMode.Relaxed).WaitAsync(NodeChild.Patience);
        await using HsmFile file = await node.Volume.OpenFileAsync("f");
        await using EagerReader reader = new(node, file, bytes);
        for (int release = 1; release <= 3; release++)
        {
            await reader.PauseAsync();

            await migrator.Volume.ReleaseOnceAsync("f", reader.LetGoAsync);

            migrator.Volume.GetStatus("f").State.Should().Be(FileState.Released);
            long before = reader.Reads;
            reader.GoOn();
            await UntilAsync(() => reader.Reads > before + (Length / 4096));
            node.Volume.Counters.Recalls.Should().Be(release);
        }

        (await reader.EndAsync()).Should().Be(0);
    }

    [Test]
    public async Task R7_a_writer_keeps_its_file_from_being_released_until_it_closes_it([Values] bool inAnotherProcess)
    {
        byte[] bytes = Shard.Write("f", Length);
        await using ComposedNode migrator = NewNode();
        migrator.Shard.KernelTellsOfWriters = false; // so that nothing but the lock does
        await migrator.Volume.ArchiveAsync(["f"], LocalShard.AtOnce);
        Func<Task> close;
        if (inAnotherProcess)
        {
            NodeChild node = await StartNodeAsync(s_option);
            await node.AskAsync("open", "f", "f", "rw");
            close = () => node.AskAsync("close", "f");
        }
        else
        {
            ComposedNode node = NewNode();
            HsmFile file = await node.Volume.OpenFileAsync("f", new HsmOpenOptions { Access = FileAccess.ReadWrite });
            (await node.Volume.ReadAllAsync("f")).Should().Equal(bytes, "and the close of another handle drops no lock of this one");
            close = async () =>
            {
                await file.DisposeAsync();
                await node.DisposeAsync();
            };
        }
        Outcomes outcomes = new();

        (await migrator.Volume.ReleaseAsync(["f"], outcomes.AtOnce)).Should().BeEquivalentTo(new { Released = 0L, Skipped = 1L });

        outcomes.Last.Reason.Should().Be("a node holds its lock: it is open for writing, or being read in strict mode");
        await close();
        await migrator.Volume.MakeStubAsync("f");
        (await migrator.Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [Test]
    public async Task A_node_that_is_killed_while_it_is_relaxed_does_not_block_the_next_migration()
    {
        byte[] bytes = Shard.Write("f", Length);
        await using ComposedNode migrator = NewNode();
        NodeChild node = await StartNodeAsync(s_option, "stepped");
        await OpenRelaxedAsync(node, "f", "f", isStepped: true);

        await node.KillAsync();

        await migrator.Volume.MakeStubAsync("f");
        (await migrator.Volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    private ComposedNode NewNode()
    {
        ComposedNode node = new(Shard.Root, TimeSpan.FromMilliseconds(50), locks: LockDriver.ProcessOwned);
        node.Shard.Capabilities.LockDriver.Should().Be(LockDriver.ProcessOwned);
        return node;
    }
}
