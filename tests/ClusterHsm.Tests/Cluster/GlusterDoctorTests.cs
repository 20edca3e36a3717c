using System.Text.Json;
using ClusterHsm.Tests.Tool;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

/// <summary>The doctor between two clients of one volume: what no test on one mount can show.</summary>
[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[NonParallelizable] // how long something takes to be seen is what it tells
public sealed class GlusterDoctorTests : ScenarioFixture
{
    [Test]
    public async Task Between_two_clients_that_are_mounted_as_they_should_be_all_that_is_needed_holds()
    {
        ToolResult doctor = await ToolProcess.RunAsync("doctor", Shard.Root, "--peer", GlusterVolume.PathOn("n2", Shard), "--json");

        TestContext.Out.WriteLine(doctor.Output);
        doctor.End.Should().Be((0, ""), doctor.Output);
        JsonElement[] findings = doctor.Objects[..^1];
        JsonElement verdict = doctor.Objects[^1];
        Text(findings.Single(static finding => Text(finding, "id") == "partner.started"), "seen").Should().EndWith("another client of the file system");
        findings.Where(static finding => Text(finding, "neededFor") != "nothing").Should().OnlyContain(finding => Text(finding, "verdict") == "holds");
        (Text(verdict, "mode"), Text(verdict, "waitingRule")).Should().Be(("relaxedPossible", "quiesceAndLease"));
        verdict.GetProperty("signalRequests").EnumerateArray().Select(static request => request.GetString()).Should().Equal(["lockAndUnlock", "query"],
            "the library believes queries on GlusterFS");
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();

    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}
