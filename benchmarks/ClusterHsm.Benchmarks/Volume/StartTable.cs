using System.Globalization;
using ClusterHsm.Coordination;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>From <c>HsmVolume.OpenAsync</c> to the first 4 KiB that were read relaxed, in a process that is running.</summary>
internal static class StartTable
{
    /// <summary>Prints a Markdown table.</summary>
    public static void Print(TextWriter output, int starts)
    {
        using ScratchShard shard = new();
        string name = shard.Write("file", 4096);
        byte[] piece = new byte[4096];
        HsmVolume? node = null;
        TimeSpan[] times = Turns.Take(starts, (_ => Close(), _ => Start()))[0];
        Close();
        TimeSpan interval = new SignalFileOptions().PollInterval;
        output.WriteLine($"| start of a node, {starts} times | median, ms | p99, ms | median against the poll interval of {interval.TotalSeconds:0} s |");
        output.WriteLine("|---|---:|---:|---:|");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| `HsmVolume.OpenAsync` to the end of the first relaxed read | {times.At(0.5).TotalMilliseconds:0.00} | {times.At(0.99).TotalMilliseconds:0.00} | {times.At(0.5) / interval:0.0000} |"));

        void Start()
        {
            node = HsmVolume.OpenAsync(shard.Root).AsTask().GetAwaiter().GetResult();
            using HsmFile file = node.OpenFile(name);
            file.Read(piece, 0);
            if (file.Mode != LockMode.Relaxed)
                throw new InvalidOperationException("The first read was not relaxed.");
        }

        void Close()
        {
            node?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            node = null;
        }
    }
}
