namespace ClusterHsm.Benchmarks.Caching;

/// <summary>Orders in which a node might open files.</summary>
internal static class Traces
{
    private const ulong ScannedFrom = 1UL << 32;

    /// <summary>Inode numbers 1 to <paramref name="inodes"/>, the k-th most wanted with a weight of 1/k^skew.</summary>
    public static ulong[] Zipf(int inodes, int length, double skew, int seed)
    {
        var random = new Random(seed);
        double[] upTo = new double[inodes];
        double sum = 0;
        for (int rank = 0; rank < inodes; rank++)
        {
            sum += Math.Pow(rank + 1, -skew);
            upTo[rank] = sum;
        }

        ulong[] byRank = [.. Enumerable.Range(1, inodes).Select(inode => (ulong)inode)];
        random.Shuffle(byRank);
        ulong[] trace = new ulong[length];
        for (int i = 0; i < length; i++)
        {
            int rank = Array.BinarySearch(upTo, random.NextDouble() * sum);
            trace[i] = byRank[Math.Min(rank < 0 ? ~rank : rank, inodes - 1)];
        }

        return trace;
    }

    /// <summary>After every <paramref name="every"/> looks of a trace a scan over inodes that nobody else wants; new ones each time, or the same.</summary>
    public static ulong[] WithScans(ulong[] trace, int every, int scan, bool sameEachTime)
    {
        var polluted = new List<ulong>(trace.Length + (trace.Length / every * scan));
        ulong scanned = ScannedFrom;
        for (int i = 0; i < trace.Length; i++)
        {
            polluted.Add(trace[i]);
            if ((i + 1) % every == 0)
            {
                scanned = sameEachTime ? ScannedFrom : scanned;
                for (int k = 0; k < scan; k++)
                {
                    polluted.Add(scanned++);
                }
            }
        }

        return [.. polluted];
    }

    /// <summary>The wanted inodes become others, four times.</summary>
    public static ulong[] Shifting(ulong[] trace, int inodes)
    {
        int phase = trace.Length / 4;
        return [.. trace.Select((inode, i) => (inode + ((ulong)(i / phase) * (ulong)inodes * 3 / 8)) % (ulong)inodes + 1)];
    }
}
