using System.Diagnostics;

namespace ClusterHsm.Torture;

/// <summary>Ends a run in which nothing is released any more, and says what the migrators said last.</summary>
/// <remarks>
/// A client that has lost a request keeps the locks of whoever waits for the answer for as long as it lives, and with a node's lock on the
/// signal it keeps every migrator out. That is the client's fault, not the library's: so before a run is ended all processes are started
/// anew, in which such a client shows itself and is ended.
/// </remarks>
internal sealed class ReleaseGuard(TortureOptions options, Place place, RunFiles run, Faults faults, Action<string> wrong)
{
    private const int LastWords = 8, WhoBegins = 11;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly ReleaseWatch _watch = new(options.Lease);

    /// <summary>The longest time without a release.</summary>
    public TimeSpan LongestPause => _watch.LongestPause;

    public async Task RunAsync(CancellationToken stop)
    {
        long begin = Stopwatch.GetTimestamp();
        while (options.Migrators > 0)
        {
            await Task.Delay(s_interval, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (stop.IsCancellationRequested)
                return;
            ReleaseVerdict verdict = _watch.Look(Stopwatch.GetElapsedTime(begin), run.Tally[Count.Releases], run.Tally[Count.InVain], faults.AreUnderWay);
            Hold(verdict != ReleaseVerdict.Fine);
            if (verdict != ReleaseVerdict.Stalled)
                continue;
            if (place.HasNetwork && await faults.StartAllAnewAsync())
                _watch.Forgive(Stopwatch.GetElapsedTime(begin));
            else
                wrong($"NOTHING IS RELEASED any more: no fault was under way for {_watch.LeastCalm.TotalSeconds:0} s, and of at least "
                    + $"{ReleaseWatch.LeastSessions} sessions that tried none released a file; the migrators said last:{string.Concat(Words())}");
        }
    }

    private void Hold(bool isHeld)
    {
        if (faults.AreHeld == isHeld)
            return;
        faults.AreHeld = isHeld;
        run.History.Add(isHeld ? "nothing was released for long: no more faults until that is clear" : "faults go on");
    }

    private IEnumerable<string> Words() => run.History.Lines()
        .Where(static line => line.Length > WhoBegins && line.AsSpan(WhoBegins).StartsWith(ChildOptions.Migrator, StringComparison.Ordinal)
            && line.Contains(Migrator.ReleasedNothing, StringComparison.Ordinal))
        .TakeLast(LastWords).Select(static line => $" | {line.Trim()}");
}
