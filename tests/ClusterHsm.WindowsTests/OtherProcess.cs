using System.Diagnostics;
using ClusterHsm.FileSystem;

namespace ClusterHsm.WindowsTests;

/// <summary>A <see cref="LockHolder"/> in a process of its own. Killed when it is disposed.</summary>
internal sealed class OtherProcess : IDisposable
{
    /// <summary>For a machine that is busy with other things; no test waits that long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private OtherProcess(Process process) => _process = process;

    /// <summary>Starts it and returns when it has the shard open.</summary>
    /// <param name="program">The program and its first arguments.</param>
    /// <param name="root">The shard, as that process names it.</param>
    public static async Task<OtherProcess> StartAsync(IReadOnlyList<string> program, string root)
    {
        Process process = Process.Start(new ProcessStartInfo(program[0], [.. program.Skip(1), "lock-holder", root])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        OtherProcess other = new(process);
        string answer = await other.AnswerAsync();
        return answer == "ready" ? other : throw new InvalidOperationException($"The other process says '{answer}'.");
    }

    public Task<string> OpenAsync(string name, ShardOpenOptions options = ShardOpenOptions.ReadWrite) => AskAsync($"open\t{name}\t{options}");

    public async Task<LockStatus> LockAsync(LockRange range, LockKind kind) =>
        Enum.Parse<LockStatus>(await AskAsync($"lock\t{range.Offset}\t{range.Length}\t{kind}"));

    public async Task<LockStatus> QueryAsync(LockRange range, LockKind kind) =>
        Enum.Parse<LockStatus>(await AskAsync($"query\t{range.Offset}\t{range.Length}\t{kind}"));

    public async Task<LockStatus> UnlockAsync(LockRange range) =>
        Enum.Parse<LockStatus>(await AskAsync($"unlock\t{range.Offset}\t{range.Length}"));

    public async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await AnswerAsync();
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Ends it in good order.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> AnswerAsync() =>
        (await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience))?.TrimEnd('\r')
        ?? throw new InvalidOperationException("The other process has ended.");
}
