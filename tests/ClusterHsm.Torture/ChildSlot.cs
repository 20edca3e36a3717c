using System.Diagnostics;
using Mono.Unix.Native;

namespace ClusterHsm.Torture;

/// <summary>The place of a node or a migrator: one process after another, started anew when it is killed.</summary>
internal sealed class ChildSlot : IDisposable
{
    private readonly Place _place;
    private readonly RunFiles _run;
    private readonly Func<ChildOptions> _options;
    private readonly Action<string> _wrong;
    private readonly Lock _lock = new();
    private Process? _process;
    private int _processId;
    private Task _watch = Task.CompletedTask;
    private bool _isExpectedToEnd, _isOver;
    private StoreCondition _condition;

    /// <param name="name">What it is called.</param>
    /// <param name="mount">Where it works.</param>
    /// <param name="place">The place.</param>
    /// <param name="run">What all share.</param>
    /// <param name="options">For each process anew.</param>
    /// <param name="wrong">Told of what no fault excuses.</param>
    public ChildSlot(string name, int mount, Place place, RunFiles run, Func<ChildOptions> options, Action<string> wrong) =>
        (Name, Mount, _place, _run, _options, _wrong) = (name, mount, place, run, options, wrong);

    public string Name { get; }

    public int Mount { get; }

    /// <summary>Held by whoever does something to it.</summary>
    public SemaphoreSlim Busy { get; } = new(1, 1);

    public void Start()
    {
        string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, typeof(ChildSlot).Assembly.Location] : [Environment.ProcessPath!];
        string[] command = _place.Command(Mount, [.. program, .. _options().ToWords()]);
        lock (_lock)
        {
            if (_isOver)
                return;
            _isExpectedToEnd = false;
            _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
                // A killed process would leave the runtime's socket behind.
                Environment = { ["DOTNET_EnableDiagnostics"] = "0" },
            })!;
            _processId = _process.Id;
            _watch = WatchAsync(_process);
            Order(_condition.ToString());
        }
    }

    /// <summary>How the store is from now on, for this process and those that come after it.</summary>
    public void Tell(StoreCondition condition)
    {
        lock (_lock)
        {
            _condition = condition;
            Order(condition.ToString());
        }
    }

    /// <summary>A line for this process.</summary>
    public void Order(string line)
    {
        lock (_lock)
        {
            try
            {
                _process?.StandardInput.WriteLine(line);
                _process?.StandardInput.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // It has just ended.
            }
        }
    }

    public void Send(Signum signal)
    {
        lock (_lock)
        {
            if (ProcessId is { } id)
                _ = Syscall.kill(id, signal);
        }
    }

    /// <summary>The process that is there now, or null.</summary>
    public int? ProcessId
    {
        get
        {
            lock (_lock)
                return _watch.IsCompleted ? null : _processId;
        }
    }

    /// <summary>Returns when it is gone, and with it all that the kernel did for it.</summary>
    /// <returns>False if its mount's client had to be ended for that.</returns>
    public async Task<bool> KillAsync()
    {
        Task watch;
        lock (_lock)
        {
            _isExpectedToEnd = true;
            watch = _watch;
        }
        Send(Signum.SIGKILL);
        if (await _place.WaitAsync(watch, Mount))
            return true;
        _run.Tally.Add(Count.HungClients);
        _run.History.Add($"{Name} could not be killed: its client did not answer");
        return false;
    }

    /// <summary>Asks it to end, and waits.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        Task watch;
        lock (_lock)
        {
            _isOver = true;
            watch = _watch;
            try
            {
                _process?.StandardInput.Close();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // It has just ended.
            }
        }
        Send(Signum.SIGCONT); // one that was ordered to stop may have done so late
        if (await Task.WhenAny(watch, Task.Delay(patience)) == watch)
            return;
        // If SIGKILL does not end it either, it waits in the kernel for its client.
        if (await KillAsync())
            _wrong($"{Name} did not end within {patience}");
    }

    public void Dispose()
    {
        Send(Signum.SIGKILL);
        Busy.Dispose();
    }

    private async Task WatchAsync(Process process)
    {
        Task<string> errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("wrong\t", StringComparison.Ordinal))
                _wrong(line[6..]);
        }
        await process.WaitForExitAsync();
        int status = process.ExitCode;
        string said = await errors;
        process.Dispose();
        bool wasExpected;
        lock (_lock)
            wasExpected = _isExpectedToEnd || (_isOver && status is 0 or ChildProgram.StartAnew);
        _run.History.Add($"{Name} ended with {status}");
        if (wasExpected)
            return;
        if (status != ChildProgram.StartAnew)
        {
            _wrong($"{Name} ended with {status}: {said.ReplaceLineEndings(" | ")}");
            return;
        }
        _run.Tally.Add(Count.Restarts);
        _ = Task.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            await Busy.WaitAsync();
            try
            {
                if (_watch.IsCompleted)
                    Start();
            }
            finally
            {
                Busy.Release();
            }
        });
    }
}
