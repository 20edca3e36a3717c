using System.Diagnostics;
using System.Security.Cryptography;
using ClusterHsm.Coordination;

namespace ClusterHsm.ClusterDemo;

/// <summary>A node: reads random files through the library, whole, and compares each with its digest, as fast as it can.</summary>
internal sealed class NodeProcess(int number, HsmVolume volume, Manifest manifest)
{
    public const string Role = "node";

    /// <summary>One read in so many is of a cold file, which may be a stub.</summary>
    private const int ReadsPerColdRead = 300;

    private readonly byte[] _buffer = new byte[manifest.LongestFile + 1];
    private readonly Random _random = new(number);
    private readonly ModeClock _clock = new(volume.Monitor!);
    private readonly Lock _gate = new();
    private ReadTally _tally;
    private long _mismatches, _errors;

    public static async Task<int> RunAsync(int number, Workspace workspace)
    {
        using var stop = new CancellationTokenSource();
        using var parent = new ParentWatch();
        parent.Start(_ => { }, stop.Cancel);
        await using HsmVolume volume = await HsmVolume.OpenAsync(workspace.Shard, new HsmVolumeOptions
        {
            Signal = new SignalFileOptions { PollInterval = TimeSpan.FromMilliseconds(500), NodeName = $"demo-node-{number}" },
        });
        var node = new NodeProcess(number, volume, Manifest.Load(workspace.Manifest));
        using (new Timer(_ => node.Report(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1)))
            await Task.Run(() => node.ReadUntil(stop.Token));
        node.Report();
        return node._mismatches + node._errors == 0 ? 0 : 1;
    }

    private void ReadUntil(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            ManifestEntry[] choice = _random.Next(ReadsPerColdRead) == 0 ? manifest.Cold : manifest.Hot;
            ManifestEntry entry = choice[_random.Next(choice.Length)];
            HsmVolumeCounters before = volume.Counters;
            long begin = Stopwatch.GetTimestamp();
            try
            {
                Check(entry);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Tell(ref _errors, failure.Message);
            }
            lock (_gate)
                _tally.Add(before, volume.Counters, Stopwatch.GetTimestamp() - begin);
        }
    }

    private void Check(ManifestEntry entry)
    {
        int length = 0;
        using (HsmFile file = volume.OpenFile(entry.Path))
        {
            while (length < _buffer.Length && file.Read(_buffer.AsSpan(length), length) is > 0 and int count)
                length += count;
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, length), digest);
        if (digest.SequenceEqual(entry.Digest))
            return;
        Tell(ref _mismatches, $"WRONG BYTES in {entry.Path}: {length} bytes read, {entry.Length} expected");
    }

    /// <summary>Counts what is wrong and says so at once: this process may be killed before the next report is due.</summary>
    private void Tell(ref long count, string what)
    {
        lock (_gate)
            count++;
        Report();
        Console.Error.WriteLine($"node {number}: {what}");
    }

    private void Report()
    {
        string mode = volume.Monitor!.State.Mode == LockMode.Relaxed ? "relaxed" : "strict";
        lock (_gate)
        {
            Console.Out.WriteLine(
                $"node={number} mode={mode} mismatches={_mismatches} errors={_errors} recalls={volume.Counters.Recalls} "
                + $"aliveMs={_clock.Alive.TotalMilliseconds:0} strictModeMs={_clock.Strict.TotalMilliseconds:0} {_tally}");
            Console.Out.Flush();
        }
    }
}
