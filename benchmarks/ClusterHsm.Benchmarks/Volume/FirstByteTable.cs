using System.Globalization;
using System.Runtime.InteropServices;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>The first bytes of a large stub that stays one: opened, 4 KiB read somewhere in it, closed; beside the same of the object itself.</summary>
internal static partial class FirstByteTable
{
    private const int PieceLength = 4096;
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Prints a Markdown table.</summary>
    /// <param name="output">Where.</param>
    /// <param name="mebibytes">How large the file is.</param>
    /// <param name="reads">How often each way reads.</param>
    public static async Task PrintAsync(TextWriter output, int mebibytes, int reads)
    {
        // A short lease, so that the release comes soon: a read of a stub asks nothing of it.
        using ScratchShard shard = new(new ShardInitializeOptions { LeaseDuration = TimeSpan.FromMilliseconds(300) });
        string name = shard.Write("large", (long)mebibytes << 20);
        await using HsmVolume node = await HsmVolume.OpenAsync(shard.Root);
        await node.MigrateAsync([name], new MigrationOptions { SettleTime = TimeSpan.Zero });
        FileStatus status = node.GetStatus(name);
        if (!status.IsStub)
            throw new InvalidOperationException($"It is {status.State}, not a stub.");
        string path = new DirectoryStoreLayout(shard.Store).Object(status.ObjectKey!.Value);

        Random random = new(1);
        long[] offsets = [.. Enumerable.Range(0, reads).Select(_ => random.NextInt64((status.Size / PieceLength) - 1) * PieceLength)];
        byte[] read = new byte[PieceLength], expected = new byte[PieceLength];
        Action<int> fetch = turn =>
        {
            using SafeFileHandle file = File.OpenHandle(path);
            RandomAccess.Read(file, expected, offsets[turn]);
        };
        Action<int> forget = _ =>
        {
            using SafeFileHandle file = File.OpenHandle(path);
            _ = Advise((int)file.DangerousGetHandle(), 0, 0, DontNeed);
        };
        Action<int> ofObject = turn =>
        {
            using SafeFileHandle file = File.OpenHandle(path);
            RandomAccess.Read(file, expected, offsets[turn]);
        };
        Action<int> ofStub = turn =>
        {
            using HsmFile file = node.OpenFile(name, new HsmOpenOptions { StubAccess = StubAccess.ReadThrough });
            file.Read(read, offsets[turn]);
            if (!read.AsSpan().SequenceEqual(expected))
                throw new InvalidOperationException("Other bytes were read than those of the object.");
        };
        // The object comes first in each turn: what it read is what the stub must show.
        TimeSpan[][] times = Turns.Take(reads, (fetch, ofObject), (fetch, ofStub), (forget, ofObject), (forget, ofStub));
        if (node.GetStatus(name) is not { IsStub: true })
            throw new InvalidOperationException("The stub was recalled.");

        output.WriteLine($"| open, read 4 KiB somewhere in {mebibytes} MiB, close; {reads} times | median, ms | p99, ms | median against the object itself |");
        output.WriteLine("|---|---:|---:|---:|");
        (string Words, int Way, int Peer)[] rows =
        [
            ("the object, by `File.OpenHandle`, in the page cache", 0, 0),
            ("the stub, by `ReadThrough`, the object in the page cache", 1, 0),
            ("the object, not in the page cache", 2, 2),
            ("the stub, by `ReadThrough`, the object not in the page cache", 3, 2),
        ];
        foreach ((string words, int way, int peer) in rows)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {words} | {times[way].At(0.5).TotalMilliseconds:0.000} | {times[way].At(0.99).TotalMilliseconds:0.000} | {times[way].At(0.5) / times[peer].At(0.5):0.00} |"));
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);
}
