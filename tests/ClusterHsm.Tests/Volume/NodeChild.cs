using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Threading.Channels;
using ClusterHsm.NodeProcess;
using Mono.Unix.Native;

namespace ClusterHsm.Tests.Volume;

/// <summary>A node in a process of its own (ClusterHsm.NodeProcess), told what to do over a pipe. Killed when it is disposed.</summary>
internal sealed class NodeChild : IDisposable
{
    /// <summary>For a machine that is busy with other things; no test waits that long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    private readonly NodePlace _place;
    private int? _idThere;

    private NodeChild(Process process, NodePlace place) => (_process, _place) = (process, place);

    /// <summary>Its process number, on the computer that it runs on.</summary>
    public int Id => _place.IsElsewhere
        ? _idThere ?? throw new InvalidOperationException("The node has not said yet that it is ready.")
        : _process.Id;

    /// <summary>Starts a node and returns when it is on the shard.</summary>
    /// <param name="place">Where it runs.</param>
    /// <param name="options">See ClusterHsm.NodeProcess.</param>
    public static NodeChild Start(NodePlace place, params string[] options)
    {
        IReadOnlyList<string> program = place.Program ?? ["dotnet", "exec", Path.ChangeExtension(typeof(ComposedNode).Assembly.Location, "dll")];
        string[] command = [.. place.Command, .. program, place.Root, .. options];
        NodeChild child = new(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!, place);
        _ = Task.Run(child.ListenAsync);
        return child;
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <exception cref="NodeChildException">The answer is an error.</exception>
    public async Task<string> AskAsync(params object[] words)
    {
        Send(words);
        return await AnswerAsync();
    }

    /// <summary>Sends a command.</summary>
    public void Send(params object[] words)
    {
        _process.StandardInput.WriteLine(string.Join('\t', words.Select(word => Convert.ToString(word, CultureInfo.InvariantCulture))));
        _process.StandardInput.Flush();
    }

    /// <summary>The answer to the oldest command that has none yet.</summary>
    public async Task<string> AnswerAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        string answer = await _answers.Reader.ReadAsync(patience.Token);
        return answer.StartsWith("ok ", StringComparison.Ordinal) ? answer[3..] : throw new NodeChildException(answer);
    }

    /// <summary>The next event of a kind; others are passed over.</summary>
    public async Task<string> EventAsync(string name)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            string text = await _events.Reader.ReadAsync(patience.Token);
            if (text.Split(' ')[0] == name)
                return text;
        }
    }

    /// <summary>Stops it, as a suspended virtual machine would be.</summary>
    public void Stop() => Signal(Signum.SIGSTOP);

    public void Continue() => Signal(Signum.SIGCONT);

    /// <summary>Kills it and waits until it is gone, and its locks with it.</summary>
    public async Task KillAsync()
    {
        Signal(Signum.SIGKILL);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Signal(Signum.SIGKILL);
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>What a node answers that has read these bytes.</summary>
    public static string Read(ReadOnlySpan<byte> bytes) => $"{bytes.Length} {Convert.ToHexString(SHA256.HashData(bytes))}";

    private void Signal(Signum signal)
    {
        if (_place.IsElsewhere)
        {
            string[] kill = [.. _place.Command, "kill", $"-{signal.ToString()[3..]}", $"{Id}"];
            using Process process = Process.Start(kill[0], kill[1..]);
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"Process {Id} there cannot be sent {signal}.");
            return;
        }
        if (Syscall.kill(_process.Id, signal) != 0)
            throw new InvalidOperationException($"Process {_process.Id} cannot be sent {signal}.");
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            bool isEvent = line.StartsWith("event ", StringComparison.Ordinal);
            if (line.StartsWith("event ready ", StringComparison.Ordinal))
                _idThere = int.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
            (isEvent ? _events : _answers).Writer.TryWrite(isEvent ? line[6..] : line);
        }
        _answers.Writer.TryComplete();
        _events.Writer.TryComplete();
    }
}

/// <summary>A node process answered with an error: its type and its message.</summary>
internal sealed class NodeChildException(string answer) : Exception(answer);
