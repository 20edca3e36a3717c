using System.Diagnostics;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

/// <summary>What <c>tests/cluster/gluster</c> has started does not outlive the run that wanted it, however that ends.</summary>
[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterTearDownTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"clusterhsm-gluster-{Environment.ProcessId}-owned");

    [TearDown]
    public void TakeDown() => GlusterVolume.RunIn(_folder, "down");

    [Test]
    public async Task Mounts_daemons_namespaces_and_files_go_when_the_process_that_wanted_them_is_killed()
    {
        using Process owner = Process.Start("sleep", ["600"]);
        try
        {
            GlusterVolume.RunIn(_folder, "up", "-n", "1", "-o", $"{owner.Id}").Should().Be((0, ""));
            string prefix = (await File.ReadAllTextAsync(Path.Combine(_folder, "lab/prefix"))).Trim();
            Left(prefix).Should().Contain(["a mount", "daemons", "namespaces", "files"]);

            owner.Kill();

            using CancellationTokenSource patience = new(NodeChild.Patience);
            while (Left(prefix).Length > 0)
                await Task.Delay(50, patience.Token);
        }
        finally
        {
            owner.Kill();
        }
    }

    private string[] Left(string prefix)
    {
        List<string> left = [];
        if (File.ReadAllText("/proc/mounts").Contains($" {_folder}/", StringComparison.Ordinal))
            left.Add("a mount");
        if (HasDaemons())
            left.Add("daemons");
        if (Directory.GetFiles("/run/netns", $"{prefix}-*").Length > 0)
            left.Add("namespaces");
        if (Directory.Exists(_folder))
            left.Add("files");
        return [.. left];
    }

    private bool HasDaemons() => Process.GetProcesses().Any(process =>
    {
        using (process)
        {
            try
            {
                return process.ProcessName.StartsWith("gluster", StringComparison.Ordinal)
                    && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(_folder, StringComparison.Ordinal);
            }
            catch (Exception gone) when (gone is IOException or InvalidOperationException)
            {
                return false;
            }
        }
    });
}
