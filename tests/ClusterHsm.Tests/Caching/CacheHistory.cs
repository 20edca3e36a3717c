namespace ClusterHsm.Tests.Caching;

/// <summary>What can be asked of a cache of inodes.</summary>
internal interface ICacheOfInodes
{
    long Epoch { get; }

    bool TryAdd(ulong inode, long epoch);

    bool Contains(ulong inode, long epoch);

    bool Remove(ulong inode);

    long Clear();
}

internal enum CacheCall
{
    ReadEpoch,
    Add,
    Contains,
    Remove,
    Clear,
}

/// <summary>One call and its answer.</summary>
/// <param name="Call">What was asked.</param>
/// <param name="Inode">Of what; small.</param>
/// <param name="Epoch">In which epoch; 0 where none is given.</param>
/// <param name="Answer">An epoch, or 1 for true and 0 for false.</param>
/// <param name="Invoked">The reading of the clock that all threads share, taken before.</param>
/// <param name="Responded">Another, taken after.</param>
internal readonly record struct CacheOperation(CacheCall Call, int Inode, long Epoch, long Answer, long Invoked, long Responded);

/// <summary>Has threads work on one cache at the same time and writes down what each has asked and was told.</summary>
internal sealed class CacheHistory(ICacheOfInodes cache, int threads, int callsEach, int inodes, int seed)
{
    private long _clock;

    /// <summary>One history after the other, each of an empty cache.</summary>
    /// <param name="judge">Told the epoch that it began with and what each thread did, in its order; false ends it all.</param>
    /// <param name="most">After so many it is over.</param>
    public void Record(int most, Func<long, CacheOperation[][], bool> judge)
    {
        CacheOperation[][] done = new CacheOperation[threads][];
        long first = cache.Clear();
        bool isOver = false;
        int round = 0;
        using Barrier barrier = new(threads, _ =>
        {
            if (done[0] is not null)
                isOver = !judge(first, done) || ++round == most;
            first = cache.Clear();
        });
        Thread[] all = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            Random random = new(seed + thread);
            for (barrier.SignalAndWait(); !isOver; barrier.SignalAndWait())
                done[thread] = Work(random, first);
        }))];
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            thread.Join();
    }

    private CacheOperation[] Work(Random random, long epoch)
    {
        CacheOperation[] own = new CacheOperation[callsEach];
        for (int i = 0; i < own.Length; i++)
        {
            CacheCall call = random.Next(20) switch
            {
                0 => CacheCall.Clear,
                < 3 => CacheCall.Remove,
                < 5 => CacheCall.ReadEpoch,
                < 11 => CacheCall.Add,
                _ => CacheCall.Contains,
            };
            int inode = 1 + random.Next(inodes);
            if (random.Next(8) == 0)
                Thread.SpinWait(random.Next(300));
            long invoked = Interlocked.Increment(ref _clock);
            long answer = call switch
            {
                CacheCall.ReadEpoch => cache.Epoch,
                CacheCall.Clear => cache.Clear(),
                CacheCall.Remove => cache.Remove((ulong)inode) ? 1 : 0,
                CacheCall.Add => cache.TryAdd((ulong)inode, epoch) ? 1 : 0,
                _ => cache.Contains((ulong)inode, epoch) ? 1 : 0,
            };
            long responded = Interlocked.Increment(ref _clock);
            bool isGivenEpoch = call is CacheCall.Add or CacheCall.Contains;
            own[i] = new CacheOperation(call, inode, isGivenEpoch ? epoch : 0, answer, invoked, responded);
            // Else it goes on with the epoch that it knows, as one who has not heard of a clear.
            if (call == CacheCall.ReadEpoch || (call == CacheCall.Clear && random.Next(2) == 0))
                epoch = answer;
        }
        return own;
    }
}
