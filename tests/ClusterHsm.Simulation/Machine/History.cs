using System.Globalization;
using System.Text;

namespace ClusterHsm.Simulation;

/// <summary>The last calls and events, to be printed with a failure.</summary>
internal sealed class History
{
    private const int Kept = 250;

    private readonly Entry[] _entries = new Entry[Kept];
    private long _count;

    /// <summary>Of all that ever was: equal for equal histories.</summary>
    public ulong Fingerprint { get; private set; } = 14695981039346656037;

    public void Note(long now, string actor, string what, string? detail = null)
    {
        _entries[_count++ % Kept] = new Entry(now, actor, what, detail);
        foreach (char c in what)
            Fingerprint = (Fingerprint ^ c) * 1099511628211; // FNV-1a
        Fingerprint = (Fingerprint ^ (ulong)now ^ actor[^1]) * 1099511628211;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        for (long i = Math.Max(0, _count - Kept); i < _count; i++)
        {
            Entry entry = _entries[i % Kept];
            text.Append(CultureInfo.InvariantCulture, $"{entry.Now / (double)TimeSpan.TicksPerSecond,11:0.0000}  {entry.Actor,-14} {entry.What} {entry.Detail}\n");
        }
        return text.ToString();
    }

    private readonly record struct Entry(long Now, string Actor, string What, string? Detail);
}
