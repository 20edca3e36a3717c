using ClusterHsm.FileSystem;
using ClusterHsm.NodeProcess;

namespace ClusterHsm.Torture;

/// <summary>A node or a migrator: works until standard input ends, and says on standard output what no fault excuses.</summary>
internal static class ChildProgram
{
    /// <summary>The exit status of a child that wants to be started anew: EX_TEMPFAIL of sysexits.h.</summary>
    public const int StartAnew = 75;

    private const int ReadersOfNode = 2;
    private const double SlowRate = 0.25;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(ChildOptions options)
    {
        using RunFiles run = new(options.Work, options.Files, options.Name);
        using CancellationTokenSource stop = new();
        Random random = new(options.Seed);
        Trouble trouble = new();
        Party party;
        try
        {
            party = await Party.JoinAsync(options.Root, options.Name, new Random(random.Next()), Watched(options, trouble, random));
        }
        catch (Exception failure) when (Failing.IsExcused(failure) || failure is ShardIOException) // parts that are composed by hand speak the lower layer's language
        {
            run.History.Add($"cannot join: {failure.Message}");
            return StartAnew;
        }
        Failing failing = new(run);
        run.History.Add($"joined, process {Environment.ProcessId}");
        new Thread(() => Listen(party.Store, trouble, stop)) { IsBackground = true }.Start();

        Task[] work = options.Role == ChildOptions.Node
            ? [.. Enumerable.Range(0, ReadersOfNode).Select(_ => OnThread(new Reader(party, run, failing, new Random(random.Next()), Wrong).Run, stop.Token)),
                OnThread(new Writer(party, run, options, failing, new Random(random.Next()), Wrong).Run, stop.Token)]
            : [new Migrator(party, run, options, failing, random, Wrong).RunAsync(stop.Token)];
        Task all = Task.WhenAll(work);
        await using (Timer timer = new(_ => Publish(party, run), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)))
            await all;
        Publish(party, run);
        bool wantsToGo = !stop.IsCancellationRequested;
        Task leaving = party.DisposeAsync().AsTask();
        if (await Task.WhenAny(leaving, Task.Delay(s_patience)) != leaving && !wantsToGo)
            Wrong($"the volume could not be closed within {s_patience}");
        run.History.Add(wantsToGo ? "nothing works any more: starts anew" : "ends");
        return wantsToGo ? StartAnew : 0;

        void Wrong(string text)
        {
            run.History.Add(text.ReplaceLineEndings(" "));
            lock (stop)
            {
                Console.Out.WriteLine($"wrong\t{options.Name}: {text.ReplaceLineEnds()}");
                Console.Out.Flush();
            }
        }
    }

    private static string ReplaceLineEnds(this string text) => text.ReplaceLineEndings(" | ");

    /// <summary>
    /// A node that makes trouble for itself on order, and is in half of the cases not told by an alarm when its lease ends; or half of the migrators that, as on a cluster, learn nothing from their kernel of who
    /// writes a file, so that only locks tell.
    /// </summary>
    private static Func<IShardFileSystem, IShardFileSystem> Watched(ChildOptions options, Trouble trouble, Random random)
    {
        bool isTold = random.Next(2) == 0;
        return options.Role == ChildOptions.Node
            ? shard => trouble.Watch(shard, options.SlowClocks ? new SlowClock(shard.Clock, SlowRate) : isTold ? null : new NoAlarmClock(shard.Clock))
            : shard => isTold ? shard : new WatchedShard(shard) { KernelTellsOfWriters = false };
    }

    private static void Listen(FaultyStore store, Trouble trouble, CancellationTokenSource stop)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (Enum.TryParse(line, out StoreCondition condition))
                store.Condition = condition;
            else
                trouble.Obey(line);
        }
        store.Condition = StoreCondition.Fine;
        stop.Cancel();
    }

    private static Task OnThread(Action<CancellationToken> work, CancellationToken stop) =>
        Task.Factory.StartNew(() => work(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static readonly Lock s_publishing = new();
    private static HsmVolumeCounters s_published;

    /// <summary>What the volume counts by itself.</summary>
    private static void Publish(Party party, RunFiles run)
    {
        lock (s_publishing)
        {
            HsmVolumeCounters now = party.Volume.Counters;
            run.Tally.Add(Count.Recalls, now.Recalls - s_published.Recalls);
            run.Tally.Add(Count.ReadThroughs, now.ReadThroughs - s_published.ReadThroughs);
            s_published = now;
        }
    }
}
