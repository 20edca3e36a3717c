using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterHsm.ClusterDemo;

/// <summary>The parent: makes the shard, directs the others, judges.</summary>
internal static class Demo
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(DemoOptions.Usage);
            return 0;
        }
        using var stop = new CancellationTokenSource();
        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
        try
        {
            return await RunAsync(DemoOptions.Parse(args), stop.Token) ? 0 : 1;
        }
        catch (ArgumentException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            return 2;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped.");
            return 1;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The demo failed: {failure.Message}");
            return 1;
        }
    }

    private static async Task<bool> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        Workspace workspace = Workspace.Create(options.Work);
        try
        {
            using var dashboard = new Dashboard();
            dashboard.Note($"copying files from {options.From} to {workspace.Shard}");
            Manifest manifest = Corpus.Copy(options.From, workspace.Shard, cancellationToken);
            manifest.Save(workspace.Manifest);
            HsmShard.Initialize(workspace.Shard, new Uri(workspace.Store));
            dashboard.Note($"{manifest.Entries.Count:n0} files, {manifest.Bytes / 1e6:0} MB; three nodes and a migrator start");

            await using var cluster = new Cluster(workspace, dashboard.Note);
            var scenario = new Scenario(cluster, dashboard.Note);
            dashboard.Show(cluster);
            await scenario.RunAsync(cancellationToken);
            dashboard.Dispose();
            FinalCheck check = await FinalCheck.RunAsync(workspace, manifest, cancellationToken);
            return Summary.Print(manifest, cluster, scenario, check, Stopwatch.GetElapsedTime(begin));
        }
        finally
        {
            workspace.Remove();
        }
    }
}
