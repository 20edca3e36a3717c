using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Hosting;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;

namespace ClusterHsm.Tests.Hosting;

public sealed class HealthTests
{
    private static readonly TimeSpan TooLong = TimeSpan.FromMinutes(1);

    [TestCase(LockMode.Relaxed, ModeReason.SignalFree, 1000, HealthStatus.Healthy)]
    [TestCase(LockMode.Strict, ModeReason.SignalHeld, 60, HealthStatus.Healthy)]
    [TestCase(LockMode.Strict, ModeReason.SignalHeld, 61, HealthStatus.Degraded)]
    [TestCase(LockMode.Strict, ModeReason.LocksNotShared, 61, HealthStatus.Degraded)]
    [TestCase(LockMode.Strict, ModeReason.LockFailed, 60, HealthStatus.Healthy)]
    [TestCase(LockMode.Strict, ModeReason.LockFailed, 61, HealthStatus.Unhealthy)]
    [TestCase(LockMode.Strict, ModeReason.LeaseRanOut, 61, HealthStatus.Unhealthy)]
    [TestCase(LockMode.Strict, ModeReason.SignalMissing, 0, HealthStatus.Unhealthy)]
    [TestCase(LockMode.Strict, ModeReason.SignalUnreadable, 0, HealthStatus.Unhealthy)]
    public void Health_follows_from_the_mode_its_reason_and_for_how_long(LockMode mode, ModeReason reason, int seconds, HealthStatus expected)
    {
        (HealthStatus status, string? why) = VolumeHealthCheck.Judge(StateOf(mode, reason, seconds), TooLong);
        status.Should().Be(expected);
        if (mode == LockMode.Strict)
            why.Should().Be($"strict for {seconds} s: words");
    }

    [Test]
    public void The_time_is_that_of_the_shards_clock()
    {
        using VolumeInMemory memory = new();
        MemoryNode node = memory.AddNode("reader");
        node.Shard.Faults.OnLock(ControlFolder.SignalPath, LockKind.Shared).Deny();
        node.Monitor.Poll();
        VolumeHealthCheck.Judge(node.Monitor.State, TooLong).Status.Should().Be(HealthStatus.Healthy);

        memory.Advance(TooLong + TimeSpan.FromSeconds(1));
        node.Monitor.Poll();
        VolumeHealthCheck.Judge(node.Monitor.State, TooLong).Status.Should().Be(HealthStatus.Degraded);
    }

    [TestCase(true)]
    [TestCase(false)]
    [Platform("Linux")]
    public async Task A_shard_that_is_gone_is_unhealthy_and_the_data_says_why(bool joinsAsNode)
    {
        using LocalShard shard = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddClusterHsm(options => options.Volumes["projects"] = new VolumeSettings { Root = shard.Root, JoinAsNode = joinsAsNode });
        builder.Services.AddHealthChecks().AddClusterHsm("shards");
        using IHost host = builder.Build();
        await host.StartAsync();
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
        HealthReport before = await health.CheckHealthAsync();
        before.Status.Should().Be(HealthStatus.Healthy);
        string[] keys = joinsAsNode ? ["mode", "reason", "epoch", "timeInMode", "leaseRemaining"] : ["mode"];
        before.Entries["shards"].Data.Keys.Should().BeEquivalentTo(keys.Select(static key => $"projects.{key}"));

        Directory.Delete(shard.PathOf(".clusterhsm"), recursive: true);
        HealthReport after;
        do
            after = await health.CheckHealthAsync();
        while (after.Status == HealthStatus.Healthy);
        after.Status.Should().Be(HealthStatus.Unhealthy);
        after.Entries["shards"].Description.Should().StartWith("projects: ");
        if (joinsAsNode)
            after.Entries["shards"].Data["projects.reason"].Should().Be("SignalMissing");
        await host.StopAsync();
    }

    private static MonitorState StateOf(LockMode mode, ModeReason reason, int seconds) => new()
    {
        Mode = mode, Reason = reason, Explanation = "words", TimeInMode = TimeSpan.FromSeconds(seconds), LeaseRemaining = TimeSpan.Zero,
        Epoch = 1, Polls = 1, Grants = 1, ModeChanges = 1,
    };
}
