using System.Globalization;
using ClusterHsm.Migration;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>Has the progress line follow a sweep: first objects are listed, then records are read. Safe for several threads.</summary>
internal sealed class SweepProgressLine(ProgressLine line, TimeProvider clock) : IProgress<SweepProgress>
{
    /// <summary>Nobody believes more.</summary>
    private static readonly TimeSpan LongestTold = TimeSpan.FromDays(1000);

    private readonly Lock _gate = new();
    private SlidingRate _rate = new(clock);
    private SweepProgress _last;

    /// <summary>Follows a sweep; null if nobody sees it.</summary>
    public static SweepProgressLine? Of(ProgressLine line)
    {
        if (!line.IsOnTerminal)
            return null;
        SweepProgressLine followed = new(line, TimeProvider.System);
        line.Follow(followed.Draw);
        return followed;
    }

    /// <summary>The time that is left, as near as it can be told: a file has one object, but objects without a file, and files without one, are not known before the end.</summary>
    private TimeSpan? Left => _rate.PerSecond is > 0 and { } perSecond && _last.Records < _last.Objects
        && (_last.Objects - _last.Records) / perSecond is var seconds && seconds < LongestTold.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;

    public void Report(SweepProgress value)
    {
        lock (_gate)
        {
            if (value.Records > 0 && _last.Records == 0)
                _rate = new SlidingRate(clock);
            _rate.Add(1);
            _last = value;
        }
        line.Draw();
    }

    public string Draw(int width)
    {
        lock (_gate)
        {
            string rate = _rate.PerSecond is { } perSecond ? string.Create(CultureInfo.InvariantCulture, $", {perSecond:0.#}/s") : "";
            string left = Left is { } time ? $", about {Text.Duration(time)} left" : "";
            return Columns.Fit(_last.Records == 0
                ? $"listing objects: {Text.Count(_last.Objects)}{rate}"
                : $"reading records: {Text.Count(_last.Records)}{rate}{left}; objects: {Text.Count(_last.Objects)}", width);
        }
    }
}
