using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Samples;

[Platform("Linux")]
public sealed class WorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Test]
    public async Task The_service_tells_its_health_and_its_metrics_and_ends_in_good_order_on_SIGTERM()
    {
        using LocalShard shard = new();
        shard.Write("a", 1000);
        shard.Write("stub", 1000);
        await using (HsmVolume migrator = await shard.OpenAsync())
            (await migrator.MigrateAsync(["stub"], LocalShard.AtOnce)).Released.Should().Be(1);

        using CancellationTokenSource patience = new(Patience);
        using Process worker = SampleProcess.Start("Worker", $"--ClusterHsm:Volumes:projects:Root={shard.Root}", "--urls", "http://127.0.0.1:0");
        try
        {
            Uri address = await ServiceProcess.AddressAsync(worker, patience.Token);
            Task<string> rest = worker.StandardOutput.ReadToEndAsync(patience.Token);
            using HttpClient client = new() { BaseAddress = address };

            using HttpResponseMessage health = await client.GetAsync("/health", patience.Token);
            health.StatusCode.Should().Be(HttpStatusCode.OK);
            using JsonDocument report = JsonDocument.Parse(await health.Content.ReadAsStringAsync(patience.Token));
            report.RootElement.GetProperty("status").GetString().Should().Be("Healthy");
            report.RootElement.GetProperty("clusterhsm").GetProperty("projects.mode").GetString().Should().BeOneOf("Relaxed", "Strict");

            string hits = $"clusterhsm_cache_hits_total{{clusterhsm_shard=\"{shard.Root}\"}} ";
            string metrics;
            do
                metrics = await client.GetStringAsync("/metrics", patience.Token);
            while (!metrics.Split('\n').Any(line => line.StartsWith(hits, StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal)));
            metrics.Should().Contain("# TYPE clusterhsm_node_mode gauge").And.Contain("clusterhsm_mode=\"relaxed\"")
                .And.Contain("error_type=\"Stub\"", "it leaves stubs alone").And.NotContain("clusterhsm_recall_files_total{");

            await ServiceProcess.EndAsync(worker, patience.Token);
            (await rest).Should().Contain($"{shard.Root}: closed.");
        }
        finally
        {
            if (!worker.HasExited)
                worker.Kill();
        }
    }

    [Test]
    public async Task A_setting_that_cannot_be_ends_it_at_once_with_the_reason()
    {
        Tool.ToolResult result = await SampleProcess.RunAsync("Worker", "--ClusterHsm:Volumes:projects:Root=here", "--urls", "http://127.0.0.1:0");
        result.ExitCode.Should().NotBe(0);
        (result.Output + result.Errors).Should().Contain("ClusterHsm:Volumes:projects:Root = 'here': it is not an absolute path.");
    }
}
