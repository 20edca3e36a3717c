using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Watch;

/// <summary>Looks at a shard again and again and shows what it sees.</summary>
/// <param name="look">Looks once. It may hang for as long as the file system does.</param>
/// <param name="watch">Makes states of looks.</param>
/// <param name="view">Where they are shown.</param>
/// <param name="clock">By which intervals are counted.</param>
internal sealed class WatchLoop(Func<ShardSight> look, ShardWatch watch, IWatchView view, TimeProvider clock)
{
    /// <summary>A file system that is merely busy is not told to hang.</summary>
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(5);

    private Task<ShardSight>? _underWay;

    /// <summary>Whether a look hangs in the file system.</summary>
    public bool IsLooking => _underWay is { IsCompleted: false };

    /// <summary>Shows states until there were enough, or it is cancelled.</summary>
    /// <param name="interval">From one to the next. A look that is not answered for as long is told of.</param>
    /// <param name="count">How many; null without end.</param>
    /// <param name="cancel">Ends it at once, also while a look hangs.</param>
    /// <exception cref="HsmException">The first look failed, or the last of so many.</exception>
    /// <exception cref="IOException">The last of so many was not answered.</exception>
    public async Task RunAsync(TimeSpan interval, long? count, CancellationToken cancel)
    {
        bool hasSeen = false;
        TimeSpan patience = interval > LeastPatience ? interval : LeastPatience;
        for (long shown = 1; ; shown++)
        {
            long begun = clock.GetTimestamp();
            bool isLast = shown == count;
            // On another thread: a mount that has lost its server must not keep anybody from Ctrl-C.
            _underWay ??= Task.Run(look, CancellationToken.None);
            try
            {
                WatchState state = watch.See(await _underWay.WaitAsync(patience, clock, cancel));
                (hasSeen, _underWay) = (true, null);
                view.Show(state);
            }
            catch (TimeoutException)
            {
                WatchState state = watch.Miss(failure: null);
                if (isLast)
                    throw new IOException($"{state.Root}: its file system has not answered for {Text.Duration(state.Unanswered!.Value)}. See whether the mount has lost its server.");
                view.Show(state);
            }
            catch (HsmException failure) when (hasSeen && !isLast)
            {
                _underWay = null;
                view.Show(watch.Miss(failure.Message));
            }
            if (isLast)
                return;
            TimeSpan left = interval - clock.GetElapsedTime(begun);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, clock, cancel);
        }
    }
}
