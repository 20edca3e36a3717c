using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using ClusterHsm.Benchmarks.Caching;
using ClusterHsm.Benchmarks.Coordination;
using ClusterHsm.Benchmarks.Page;
using ClusterHsm.Benchmarks.Volume;
using Perfolizer.Horology;

// Each of these prints a table or two. Anything else goes to BenchmarkDotNet, for example --filter "*InodeCacheHit*".
switch (args.FirstOrDefault())
{
    case "hit-rate":
        HitRateTable.Print(Console.Out);
        return 0;
    case "memory":
        MemoryTable.Print(Console.Out);
        return 0;
    case "readers":
        ReadersTable.Print(Console.Out);
        return 0;
    case "clear":
        ClearTable.Print(Console.Out);
        return 0;
    case "reading":
        await ReadingTable.PrintAsync(Console.Out);
        return 0;
    case "first-byte": // [MEBIBYTES [READS]]
        await FirstByteTable.PrintAsync(Console.Out, (int)Number(1, 1024), (int)Number(2, 200));
        return 0;
    case "streaming": // [MEBIBYTES [TIMES]]
        await StreamingTable.PrintAsync(Console.Out, (int)Number(1, 1024), (int)Number(2, 5));
        return 0;
    case "start": // [TIMES]
        StartTable.Print(Console.Out, (int)Number(1, 50));
        return 0;
    case "strict-share": // [FILES]
        await StrictShareTable.PrintAsync(Console.Out, (int)Number(1, 10_000));
        return 0;
    case "requests": // MOUNT [VOLUME]; benchmarks/gluster-requests makes a mount
        await RequestsTable.PrintAsync(Console.Out, args[1], args.ElementAtOrDefault(2) ?? "remote");
        return 0;
    case "nodes": // [ROUND TRIP IN MS [HANDOVERS]]
        SignalTable.Print(Console.Out, Number(1, 1), (int)Number(2, 100));
        return 0;
    case "page": // MEASURED PAGE: puts what benchmarks/all printed into a page, and draws it beside
        Measured measured = Measured.Parse(File.ReadAllText(args[1]));
        File.WriteAllText(args[2], MeasuredPage.Fill(File.ReadAllText(args[2]), measured));
        File.WriteAllText(Path.ChangeExtension(args[2], "svg"), GoalPlot.Draw(measured));
        return 0;
    default:
        // More iterations than a short run has: with three, the error at a million entries was larger than the figure. Of a quarter of a
        // second each, or a run of all hits would take longer than three minutes.
        Job job = Job.Default.WithLaunchCount(1).WithWarmupCount(5).WithIterationCount(20).WithIterationTime(TimeInterval.FromMilliseconds(250))
            .WithRuntime(CoreRuntime.Core10_0);
        IConfig config = DefaultConfig.Instance.AddJob(job);
        BenchmarkSwitcher.FromAssembly(typeof(InodeCacheHit).Assembly).Run(args, config);
        return 0;
}

double Number(int place, double usual) => args.Length > place ? double.Parse(args[place], CultureInfo.InvariantCulture) : usual;
