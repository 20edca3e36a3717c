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

    /// <summary>A read that took longer was interrupted by a pause or waited for another node; it says nothing of the speed.</summary>
    private static readonly long s_longestTimedRead = Stopwatch.Frequency / 4;

    private readonly byte[] _buffer = new byte[manifest.LongestFile + 1];
    private readonly Random _random = new(number);
    private long _files, _relaxedReads, _relaxedFiles, _strictFiles, _relaxedTicks, _strictTicks, _mismatches, _errors;

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
                _errors++;
                Console.Error.WriteLine($"node {number}: {failure.Message}");
            }
            Account(before, volume.Counters, Stopwatch.GetTimestamp() - begin);
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
        _mismatches++;
        Console.Error.WriteLine($"node {number}: WRONG BYTES in {entry.Path}: {length} bytes read, {entry.Length} expected");
    }

    private void Account(HsmVolumeCounters before, HsmVolumeCounters after, long ticks)
    {
        _files++;
        bool isStrict = after.StrictLooks != before.StrictLooks;
        if (!isStrict)
            _relaxedReads++;
        if (ticks > s_longestTimedRead || after.Recalls != before.Recalls)
            return;
        if (isStrict)
        {
            _strictFiles++;
            _strictTicks += ticks;
        }
        else
        {
            _relaxedFiles++;
            _relaxedTicks += ticks;
        }
    }

    private void Report()
    {
        HsmVolumeCounters counters = volume.Counters;
        string mode = volume.Monitor!.State.Mode == LockMode.Relaxed ? "relaxed" : "strict";
        Console.Out.WriteLine(
            $"node={number} mode={mode} reads={_files} relaxed={_relaxedFiles} strict={counters.StrictLooks} "
            + $"hits={counters.CacheHits} recalls={counters.Recalls} mismatches={_mismatches} errors={_errors} "
            + $"relaxedFiles={_relaxedFiles} relaxedMs={Milliseconds(_relaxedTicks)} "
            + $"strictFiles={_strictFiles} strictMs={Milliseconds(_strictTicks)}");
        Console.Out.Flush();
    }

    private static long Milliseconds(long ticks) => ticks * 1000 / Stopwatch.Frequency;
}
