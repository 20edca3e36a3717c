namespace ClusterHsm.Tool.Output;

/// <summary>How much comes in a second, over the last ten seconds in which anybody added or asked. Not thread-safe.</summary>
internal sealed class SlidingRate(TimeProvider clock)
{
    /// <summary>Long enough to be read, short enough that a disk that slows down is seen.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Amounts that come closer together are one point, so that there are few.</summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(250);

    /// <summary>Less time says nothing yet.</summary>
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);

    /// <summary>Instants, and the total by then; the first is where the window begins.</summary>
    private readonly List<(long At, long Total)> _points = [(clock.GetTimestamp(), 0)];

    /// <summary>All that has come.</summary>
    public long Total { get; private set; }

    /// <summary>Null while too little time has passed.</summary>
    public double? PerSecond
    {
        get
        {
            Mark();
            TimeSpan time = clock.GetElapsedTime(_points[0].At);
            return time < LeastTime ? null : (Total - _points[0].Total) / time.TotalSeconds;
        }
    }

    public void Add(long amount)
    {
        Total += amount;
        Mark();
    }

    private void Mark()
    {
        if (clock.GetElapsedTime(_points[^1].At) < Spacing)
            return;
        _points.Add((clock.GetTimestamp(), Total));
        // The last point before the window began stays.
        while (clock.GetElapsedTime(_points[1].At) >= Window)
            _points.RemoveAt(0);
    }
}
