namespace ClusterHsm.Tests.Caching;

/// <summary>
/// Whether what several threads were told of a cache can have come about one call after the other, each at an instant between its
/// beginning and its end, by a set of inodes that a clear empties and that may forget any of them at any time.
/// </summary>
/// <remarks>
/// J. M. Wing and C. Gong, "Testing and Verifying Concurrent Objects", Journal of Parallel and Distributed Computing 17, 1993: a search
/// over the orders that time allows. What was reached once is not searched again: how far each thread is, and what the set holds.
/// That an entry may be forgotten makes every <c>false</c> right; what is judged is every <c>true</c> and every epoch.
/// </remarks>
internal static class CacheLinearizability
{
    /// <param name="epoch">The epoch that it began with; the set was empty.</param>
    /// <param name="threads">The calls of each thread, in its order: up to eight threads of up to 255 calls; inodes are 1 to 31.</param>
    /// <returns>Whether there is such an order.</returns>
    public static bool Holds(long epoch, CacheOperation[][] threads) => Search(epoch, 0, new int[threads.Length], threads, []);

    private static bool Search(long epoch, uint held, int[] at, CacheOperation[][] threads, HashSet<(ulong At, uint Held)> seen)
    {
        // The epoch goes with how far each thread is.
        ulong places = 0;
        foreach (int place in at)
            places = (places << 8) | (byte)place;
        if (!seen.Add((places, held)))
            return false;
        long firstResponse = long.MaxValue;
        for (int thread = 0; thread < threads.Length; thread++)
        {
            if (at[thread] < threads[thread].Length)
                firstResponse = Math.Min(firstResponse, threads[thread][at[thread]].Responded);
        }
        if (firstResponse == long.MaxValue)
            return true; // all have their place
        for (int thread = 0; thread < threads.Length; thread++)
        {
            if (at[thread] == threads[thread].Length || threads[thread][at[thread]] is var next && next.Invoked > firstResponse)
                continue; // one that had ended before it began has to come first
            (long epochThen, uint heldThen) = (epoch, held);
            if (!IsRight(threads[thread][at[thread]], ref epochThen, ref heldThen))
                continue;
            at[thread]++;
            bool holds = Search(epochThen, heldThen, at, threads, seen);
            at[thread]--;
            if (holds)
                return true;
        }
        return false;
    }

    /// <summary>Whether the set gives this answer at this moment, and what it holds after it.</summary>
    private static bool IsRight(CacheOperation done, ref long epoch, ref uint held)
    {
        uint one = 1u << done.Inode;
        bool isYes = done.Answer == 1;
        switch (done.Call)
        {
            case CacheCall.ReadEpoch:
                return done.Answer == epoch;
            case CacheCall.Clear:
                (epoch, held) = (epoch + 1, 0);
                return done.Answer == epoch;
            case CacheCall.Add:
                held |= isYes ? one : 0;
                return !isYes || done.Epoch == epoch;
            case CacheCall.Remove:
                bool wasHeld = (held & one) != 0;
                held &= ~one;
                return !isYes || wasHeld;
            default:
                return !isYes || (done.Epoch == epoch && (held & one) != 0);
        }
    }
}
