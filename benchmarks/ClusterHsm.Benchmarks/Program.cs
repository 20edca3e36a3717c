using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using ClusterHsm.Benchmarks.Caching;
using ClusterHsm.Benchmarks.Volume;

// hit-rate, memory, readers, reading: print a table. Anything else goes to BenchmarkDotNet, for example --filter "*InodeCacheHit*".
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
    case "reading":
        await ReadingTable.PrintAsync(Console.Out);
        return 0;
    default:
        IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithRuntime(CoreRuntime.Core10_0).WithId("Short"));
        BenchmarkSwitcher.FromAssembly(typeof(InodeCacheHit).Assembly).Run(args, config);
        return 0;
}
