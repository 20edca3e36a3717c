using System.Diagnostics;
using Mono.Unix.Native;

namespace ClusterHsm.ClusterDemo;

/// <summary>How a child is.</summary>
internal enum ChildState
{
    Running,
    Paused,
    Killed,
    Ended,
}

/// <summary>A process of the cluster: this program again, in a role.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task _output;
    private readonly Action<string> _note;
    private volatile StatLine _latest = StatLine.Empty;
    private long _lines;

    private Child(string name, Process process, Action<string> note)
    {
        Name = name;
        _process = process;
        _note = note;
        _output = Task.WhenAll(ReadStatisticsAsync(), ReadErrorsAsync());
    }

    public string Name { get; }

    public ChildState State { get; private set; }

    /// <summary>The last line of statistics.</summary>
    public StatLine Latest => _latest;

    /// <summary>How many lines there have been.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Whether it ended without being told to, or with an exit code that says that something was wrong.</summary>
    public bool HasFailed => _process.HasExited && State != ChildState.Killed && (State != ChildState.Ended || _process.ExitCode != 0);

    public static Child Start(string name, Action<string> note, params string[] arguments)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return new Child(name, Process.Start(start)!, note);
    }

    public void Tell(string word)
    {
        _process.StandardInput.WriteLine(word);
        _process.StandardInput.Flush();
    }

    public void Pause()
    {
        Send(Signum.SIGSTOP);
        State = ChildState.Paused;
    }

    public void Continue()
    {
        State = ChildState.Running;
        Send(Signum.SIGCONT);
    }

    /// <summary>Kills it, and waits for all that it had said by then.</summary>
    public async Task KillAsync()
    {
        State = ChildState.Killed;
        Send(Signum.SIGKILL);
        await _process.WaitForExitAsync();
        await _output.WaitAsync(s_patience);
    }

    /// <summary>Asks it to end and waits for its last words.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (State == ChildState.Killed)
            return;
        State = ChildState.Ended;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
        await _output.WaitAsync(s_patience, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            State = ChildState.Killed;
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Send(Signum signal)
    {
        if (Syscall.kill(_process.Id, signal) != 0)
            throw new InvalidOperationException($"{signal} could not be sent to {Name}: {Stdlib.GetLastError()}.");
    }

    private async Task ReadStatisticsAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            _latest = StatLine.Parse(text);
            Interlocked.Increment(ref _lines);
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } text)
            _note(text);
    }
}
