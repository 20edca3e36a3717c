using System.Diagnostics;

namespace ClusterHsm.ClusterDemo;

/// <summary>The live table: redrawn in place on a terminal, a plain line now and then elsewhere. Notes stay above it.</summary>
internal sealed class Dashboard : IDisposable
{
    private const int RefreshMilliseconds = 500;
    private const int PlainLineEvery = 4;

    private readonly Lock _gate = new();
    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private Timer? _timer;
    private Cluster? _cluster;
    private int _drawn;
    private int _ticks;

    public void Show(Cluster cluster)
    {
        _cluster = cluster;
        _timer = new Timer(_ => Tick(), null, RefreshMilliseconds, RefreshMilliseconds);
    }

    /// <summary>Says something that stays.</summary>
    public void Note(string text)
    {
        lock (_gate)
        {
            Erase();
            Console.WriteLine($"{Stopwatch.GetElapsedTime(_begin).TotalSeconds,5:0.0} s  {text}");
            if (_isTerminal)
                Draw();
        }
    }

    /// <summary>Stops drawing; the last table stays.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            if (_isTerminal && _cluster is not null)
            {
                Erase();
                Draw();
            }
            _cluster = null;
            _drawn = 0;
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_cluster is null)
                return;
            if (_isTerminal)
            {
                Erase();
                Draw();
            }
            else if (++_ticks % PlainLineEvery == 0)
            {
                Console.WriteLine($"{Stopwatch.GetElapsedTime(_begin).TotalSeconds,5:0.0} s  {string.Join(" | ", _cluster.Nodes.Select(Brief))}"
                    + $" | {Session(_cluster.Migrator.Latest)}");
            }
        }
    }

    /// <summary>Goes to the table's first line and clears all below (ECMA-48: CPL, ED).</summary>
    private void Erase()
    {
        if (_drawn > 0)
            Console.Write($"\e[{_drawn}F\e[J");
        _drawn = 0;
    }

    private void Draw()
    {
        if (_cluster is null)
            return;
        List<string> lines =
            [$"{"",-10}{"mode",-9}{"files read",12}{"= cache hits",14}{"+ misses",12}{"+ strict",12}{"recalls",9}{"mismatches",12}"];
        foreach (Child node in _cluster.Nodes)
        {
            StatLine s = node.Latest;
            lines.Add($"{node.Name,-10}{Mode(node),-9}{s.Number("reads"),12:n0}{s.Number("hits"),14:n0}{s.Number("misses"),12:n0}"
                + $"{s.Number("strict"),12:n0}{s.Number("recalls"),9:n0}{s.Number("mismatches"),12:n0}");
        }
        lines.Add($"{"migrator",-10}{Session(_cluster.Migrator.Latest)}");
        foreach (string line in lines)
            Console.WriteLine(line);
        _drawn = lines.Count;
    }

    private static string Brief(Child node)
    {
        StatLine s = node.Latest;
        return $"{node.Name} {Mode(node)}: reads {s.Number("reads"):n0} = hits {s.Number("hits"):n0} + misses {s.Number("misses"):n0} + strict {s.Number("strict"):n0}, "
            + $"recalls {s.Number("recalls")}, mismatches {s.Number("mismatches")}";
    }

    private static string Mode(Child node) => node.State switch
    {
        ChildState.Paused => "PAUSED",
        ChildState.Killed => "KILLED",
        _ => node.Latest["mode"],
    };

    private static string Session(StatLine s) =>
        $"session {s.Number("session")} of {MigratorProcess.Sessions}, {s["step"]}: {s.Number("archived"):n0} archived, "
        + $"{s.Number("released"):n0} released, {s.Number("freed") / 1e6:0.0} MB freed";
}
