using System.Diagnostics;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>Ways of doing the same, in turns, so that what else the machine does falls on all alike.</summary>
internal static class Turns
{
    /// <summary>Times each way so many times.</summary>
    /// <param name="rounds">How often each has its turn; as many as a tenth before do not count.</param>
    /// <param name="ways">What is told which turn it is, and what happens before it, untimed.</param>
    /// <returns>For each way its times in order, from the shortest to the longest.</returns>
    public static TimeSpan[][] Take(int rounds, params (Action<int> Before, Action<int> Run)[] ways)
    {
        TimeSpan[][] times = [.. ways.Select(_ => new TimeSpan[rounds])];
        for (int round = -Math.Max(1, rounds / 10); round < rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                int turn = (round + rounds) % rounds;
                ways[way].Before(turn);
                long began = Stopwatch.GetTimestamp();
                ways[way].Run(turn);
                if (round >= 0)
                    times[way][round] = Stopwatch.GetElapsedTime(began);
            }
        }
        foreach (TimeSpan[] sorted in times)
            Array.Sort(sorted);
        return times;
    }

    /// <summary>The value below which a share of the sorted values lies.</summary>
    public static TimeSpan At(this TimeSpan[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
