using System.Diagnostics;
using System.Globalization;

namespace ClusterHsm.Torture;

/// <summary>One run: makes shard and files, starts the processes, makes faults, and settles the account.</summary>
internal sealed class TortureRun : IDisposable
{
    private const int LinesOfHistory = 120;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90), s_progress = TimeSpan.FromSeconds(30);

    private readonly TortureOptions _options;
    private readonly Place _place;
    private readonly string _work, _store;
    private readonly RunFiles _run;
    private readonly Random _random;
    private readonly List<ChildSlot> _slots = [];
    private readonly List<string> _wrong = [];
    private readonly CancellationTokenSource _stop = new();

    public TortureRun(TortureOptions options)
    {
        _options = options;
        _place = new Place(options);
        _work = Path.Combine(options.Work, $"clusterhsm-torture-{options.Seed}-{Environment.ProcessId}");
        Directory.CreateDirectory(_work);
        _store = Path.Combine(options.Store ?? _work, $"store-{options.Seed}");
        _run = new RunFiles(_work, options.Files, "parent");
        _random = new Random(options.Seed);
    }

    /// <returns>Whether all was right.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<FaultKind> kinds)
    {
        Console.WriteLine($"seed {_options.Seed}, shard {_place.Root(0)}, store {_store}, ledger and history {_work}");
        try
        {
            return await PlayAsync(kinds);
        }
        catch (Exception broken)
        {
            string[] wrong;
            lock (_wrong)
                wrong = [.. _wrong];
            _run.History.Add($"the run itself ended: {broken.Message}");
            Explain([$"the run itself ended: {broken}", .. wrong]);
            Keep();
            throw;
        }
    }

    private async Task<bool> PlayAsync(IReadOnlyList<FaultKind> kinds)
    {
        MakeShard();
        AddSlots();
        Faults faults = new(_options, _place, _run, _slots, new Random(_random.Next()), Wrong);
        ReleaseGuard guard = new(_options, _place, _run, faults, Wrong);
        long begin = Stopwatch.GetTimestamp();
        foreach (ChildSlot slot in _slots)
            slot.Start();
        _stop.CancelAfter(_options.Duration);
        await using Timer progress = new(_ => Progress(), null, s_progress, s_progress);
        Task guarding = guard.RunAsync(_stop.Token);
        await faults.RunAsync(kinds, _stop.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        await guarding;
        Say("the faults are over, all are asked to end");
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await Task.WhenAll(_slots.Select(slot => slot.EndAsync(s_patience)));

        if (!await _place.AnswersAsync(0))
            _run.Tally.Add(Count.HungClients);
        if (_place.IsDead(0))
            await _place.RemountAsync(0);
        Say("all have ended, the account is settled");
        Accounting accounting = new(_place, _options, _run);
        if (_wrong.Count == 0)
            await accounting.RunAsync(_store);
        Summarize(seconds, faults, guard, accounting);
        bool isRight = _wrong.Count + accounting.Problems.Count == 0;
        if (!isRight)
            Explain(_wrong.Concat(accounting.Problems));
        if (!isRight || _options.Keeps)
        {
            Keep();
        }
        else
        {
            Directory.Delete(_place.Root(0), recursive: true);
            Directory.Delete(_store, recursive: true);
            Directory.Delete(_work, recursive: true);
        }
        return isRight;
    }

    public void Dispose()
    {
        foreach (ChildSlot slot in _slots)
            slot.Dispose();
        _run.Dispose();
        _stop.Dispose();
    }

    private void MakeShard()
    {
        string root = _place.Root(0);
        Directory.CreateDirectory(root);
        for (int file = 0; file < _options.Files; file++)
        {
            byte[] bytes = new byte[FileImage.LengthOf(file)];
            for (int block = 0; block < FileImage.BlocksOf(file); block++)
                FileImage.Fill(bytes.AsSpan(block * FileImage.BlockLength, FileImage.LengthOf(file, block)), file, block, version: 1);
            string path = Path.Combine(root, FileImage.PathOf(file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
            _run.Ledger.Begin(file, version: 1);
        }
        HsmShard.Initialize(root, new Uri(_store), new() { LeaseDuration = _options.Lease, ClockDriftMargin = _options.Lease / 10 });
    }

    private void AddSlots()
    {
        for (int i = 0; i < _options.Nodes; i++)
            Add(ChildOptions.Node, i, i % _place.Mounts);
        // From the last mount on, so that a migrator shares its client with as few nodes as can be.
        for (int i = 0; i < _options.Migrators; i++)
            Add(ChildOptions.Migrator, i, (_place.Mounts - 1 - i % _place.Mounts + _place.Mounts) % _place.Mounts);
    }

    private void Add(string role, int index, int mount)
    {
        Random seeds = new(_random.Next());
        double hold = _place.HasNetwork ? 20 : 0;
        _slots.Add(new ChildSlot($"{role}{index}", mount, _place, _run,
            () => new ChildOptions(role, _place.Root(mount), _work, index, _options.Nodes, _options.Files, seeds.Next(), hold, _options.SlowClocks), Wrong));
    }

    private void Progress() =>
        Say($"reads {_run.Tally[Count.Reads]:N0}, releases {_run.Tally[Count.Releases]:N0}, writes {_run.Tally[Count.Writes]:N0}, refused {_run.Tally[Count.Refusals]:N0}");

    private void Say(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_run.History.Seconds,7:0} s: {text}"));

    private void Wrong(string text)
    {
        lock (_wrong)
            _wrong.Add(text);
        _run.History.Add(text);
        _stop.Cancel();
    }

    private void Summarize(double seconds, Faults faults, ReleaseGuard guard, Accounting accounting)
    {
        Tally tally = _run.Tally;
        string made = string.Join(", ", faults.Made.Select(pair => $"{pair.Key.Name()} {pair.Value}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{seconds:0} s: reads {tally[Count.Reads]:N0} (relaxed {tally[Count.RelaxedReads]:N0}, through {tally[Count.ReadThroughs]:N0}), opens {tally[Count.Opens]:N0}, writes {tally[Count.Writes]:N0} and {tally[Count.TruncatingWrites]:N0} truncating, archives {tally[Count.Archives]:N0}, releases {tally[Count.Releases]:N0} in {tally[Count.Handovers]:N0} handovers (longest time without one {guard.LongestPause.TotalSeconds:0} s, sessions in vain {tally[Count.InVain]:N0}), recalls {tally[Count.Recalls]:N0}, sweeps {tally[Count.Sweeps]:N0}, refused {tally[Count.Refusals]:N0}, started anew {tally[Count.Restarts]:N0}, clients that hung {tally[Count.HungClients]:N0}"));
        Console.WriteLine($"faults {faults.Made.Values.Sum()}: {made}");
        Console.WriteLine($"at the end: objects {accounting.Objects:N0}, of them orphans {accounting.Orphans:N0}; "
            + $"wrong bytes {tally[Count.WrongReads] + accounting.WrongBytes}, files lost {accounting.FilesLost}, objects unaccounted {accounting.ObjectsUnaccounted}, "
            + $"other problems {_wrong.Count + accounting.Problems.Count - tally[Count.WrongReads] - accounting.WrongBytes - accounting.FilesLost - accounting.ObjectsUnaccounted}");
    }

    private void Keep()
    {
        File.WriteAllLines(Path.Combine(_work, "history.txt"), _run.History.Lines());
        Console.WriteLine($"kept: shard {_place.Root(0)}, store {_store}, ledger and history {_work}");
    }

    private void Explain(IEnumerable<string> problems)
    {
        Console.WriteLine($"NOT RIGHT, seed {_options.Seed}:");
        foreach (string problem in problems.Take(20))
            Console.WriteLine($"  {problem}");
        Console.WriteLine($"the last of the history (seconds since the beginning, by the monotonic clock; all of it: {_work}/history.txt):");
        foreach (string line in _run.History.Lines().TakeLast(LinesOfHistory))
            Console.WriteLine($"  {line}");
    }
}
