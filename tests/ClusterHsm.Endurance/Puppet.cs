using System.Security.Cryptography;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;

namespace ClusterHsm.Endurance;

/// <summary>A node in a process of its own that does what it is told on standard input: a command a line, words by tabs, one line of answer.</summary>
internal sealed class Puppet(HsmVolume volume)
{
    private readonly CancellationTokenSource _stop = new();
    private HsmFile? _file;
    private Task<string>? _watching;

    public static async Task<int> RunAsync(string root)
    {
        HsmVolumeOptions options = new() { Signal = new SignalFileOptions { PollInterval = TimeSpan.FromMilliseconds(20) } };
        await using HsmVolume volume = await HsmVolume.OpenAsync(root, options);
        Puppet puppet = new(volume);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
            Console.WriteLine(await puppet.AnswerAsync(line.Split('\t')));
        puppet._file?.Dispose();
        return 0;
    }

    private async Task<string> AnswerAsync(string[] words)
    {
        try
        {
            switch (words[0])
            {
                case "relax":
                    await volume.Monitor!.WaitForModeAsync(LockMode.Relaxed);
                    return "relaxed";
                case "read" or "write":
                    _file = await volume.OpenFileAsync(words[1], new HsmOpenOptions { Access = words[0] == "read" ? FileAccess.Read : FileAccess.ReadWrite });
                    return _file.Mode == LockMode.Relaxed ? "relaxed" : "strict";
                case "close":
                    await _file!.DisposeAsync();
                    return "closed";
                case "digest":
                    return await DigestAsync();
                case "watch":
                    string first = await DigestAsync();
                    _watching = Task.Run(() => WatchAsync(first));
                    return first;
                case "unwatch":
                    await _stop.CancelAsync();
                    return await _watching!;
                case "migrate":
                    MigrationSummary summary = await volume.MigrateAsync(words[1..], new MigrationOptions { SettleTime = TimeSpan.Zero });
                    return $"failed {summary.Failed}";
                default:
                    return $"unknown command {words[0]}";
            }
        }
        catch (HsmException e)
        {
            return $"{e.GetType().Name} {e.Message}";
        }
    }

    private async Task<string> DigestAsync() => Convert.ToHexString(await SHA256.HashDataAsync(_file!.AsStream()));

    private async Task<string> WatchAsync(string right)
    {
        int wrong = 0;
        while (!_stop.IsCancellationRequested)
            wrong += await DigestAsync() == right ? 0 : 1;
        return $"wrong {wrong}";
    }
}
