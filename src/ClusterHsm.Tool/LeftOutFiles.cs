using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>How many files the command line leaves out, and why. Safe for several threads.</summary>
internal sealed class LeftOutFiles
{
    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, long> _byReason = [];

    public long Count
    {
        get
        {
            lock (_gate)
                return _byReason.Values.Sum();
        }
    }

    public void Add(string reason)
    {
        lock (_gate)
            _byReason[reason] = _byReason.GetValueOrDefault(reason) + 1;
    }

    /// <summary>Such as <c>left out 3 (it is excluded by '*.tmp': 2, it has less than 4096 bytes: 1)</c>.</summary>
    public override string ToString()
    {
        lock (_gate)
            return $"left out {_byReason.Values.Sum()} ({string.Join(", ", _byReason.Select(reason => $"{Text.OneLine(reason.Key)}: {reason.Value}"))})";
    }
}
