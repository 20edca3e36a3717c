using System.Globalization;
using ClusterHsm.Migration;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>Has the progress line follow a sweep: first objects are listed, then records are read. Safe for several threads.</summary>
internal sealed class SweepProgressLine(ProgressLine line, TimeProvider clock) : IProgress<SweepProgress>
{
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
            return Columns.Fit(_last.Records == 0
                ? $"listing objects: {Text.Count(_last.Objects)}{rate}"
                : $"{Text.Count(_last.Objects)} objects; reading records: {Text.Count(_last.Records)}{rate}", width);
        }
    }
}
