using System.Diagnostics;
using System.Globalization;
using ClusterHsm.Coordination;
using ClusterHsm.Endurance;
using ClusterHsm.Migration;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Nodes that are real processes, stopped and killed by signals. The child reads all the time and compares every byte.</summary>
/// <remarks>
/// Between SIGCONT and the node's next poll lie microseconds, so these tests show that the parts work together; that the lease (R1)
/// and not the quick poll is what protects is shown by the monitor's tests on a hand-driven clock.
/// </remarks>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class NodeProcessTests
{
    private const int Seed = 7;

    private readonly string[] _names = [.. Enumerable.Range(0, Corpus.Count).Select(Corpus.NameOf)];
    private LocalShard _shard = null!;
    private HsmVolume _migrator = null!;

    [SetUp]
    public async Task SetUp()
    {
        _shard = new LocalShard();
        for (int file = 0; file < Corpus.Count; file++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_shard.PathOf(_names[file]))!);
            await File.WriteAllBytesAsync(_shard.PathOf(_names[file]), Corpus.BytesOf(Seed, file));
        }
        _migrator = await _shard.OpenAsync();
        await _migrator.ArchiveAsync(_names, LocalShard.AtOnce);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _migrator.DisposeAsync();
        _shard.Dispose();
    }

    [Test]
    public async Task R1_a_node_stopped_for_three_leases_while_files_are_released_serves_nothing_from_its_old_cache()
    {
        using Process node = await StartRelaxedNodeAsync(TimeSpan.FromSeconds(8));
        Syscall.kill(node.Id, Signum.SIGSTOP).Should().Be(0);
        HandoverOptions byLease = new() { QuiesceTimeout = LocalShard.Lease * 3, ProceedOnLeaseAlone = true };

        MigrationSummary summary = await _migrator.ReleaseAsync(_names, LocalShard.AtOnce with { Handover = byLease });

        summary.Released.Should().BeGreaterThan(Corpus.Count / 2);
        Syscall.kill(node.Id, Signum.SIGCONT).Should().Be(0);
        string report = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        (node.ExitCode, await node.StandardError.ReadToEndAsync()).Should().Be((0, ""), report);
        report.Should().Contain("mismatches 0").And.NotContain("recalls 0,");
    }

    [Test]
    public async Task R4_a_hung_node_that_holds_quiesce_is_named_and_once_killed_is_in_nobodys_way()
    {
        using Process node = await StartRelaxedNodeAsync(TimeSpan.FromSeconds(60));
        Syscall.kill(node.Id, Signum.SIGSTOP).Should().Be(0);
        HandoverOptions impatient = new() { QuiesceTimeout = LocalShard.Lease };

        Func<Task> releasing = () => _migrator.ReleaseAsync(_names, LocalShard.AtOnce with { Handover = impatient });

        (await releasing.Should().ThrowAsync<HandoverTimeoutException>()).Which.Message.Should().Contain($"process {node.Id} ");
        _migrator.EnumerateStatus("").Should().NotContain(status => status.IsStub);
        Syscall.kill(node.Id, Signum.SIGKILL).Should().Be(0);
        await node.WaitForExitAsync();
        (await _migrator.ReleaseAsync(_names, LocalShard.AtOnce with { Handover = impatient })).Released.Should().Be(Corpus.Count);
    }

    private async Task<Process> StartRelaxedNodeAsync(TimeSpan duration)
    {
        string program = Path.ChangeExtension(typeof(Corpus).Assembly.Location, "dll");
        string seconds = duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        Process node = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, "reader", _shard.Root, $"{Seed}", seconds])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (!NodeRegistry.List(_migrator.Shard, _migrator.Descriptor).Any(known => known is { HoldsQuiesce: true, Mode: LockMode.Relaxed } && known.ProcessId == node.Id))
        {
            node.HasExited.Should().BeFalse();
            await Task.Delay(20, patience.Token);
        }
        return node;
    }
}
