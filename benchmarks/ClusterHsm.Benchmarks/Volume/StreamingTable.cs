using System.Globalization;
using System.Runtime.InteropServices;
using ClusterHsm.Coordination;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>A large file from front to back, through the library and as plain .NET does it: from the disk and from the page cache, to nowhere and into another file.</summary>
internal static partial class StreamingTable
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Prints a Markdown table.</summary>
    /// <param name="output">Where.</param>
    /// <param name="mebibytes">How large the file is.</param>
    /// <param name="times">How often each way has its turn.</param>
    public static async Task PrintAsync(TextWriter output, int mebibytes, int times)
    {
        // A short lease, so that the release comes soon.
        using ScratchShard shard = new(new ShardInitializeOptions { LeaseDuration = TimeSpan.FromMilliseconds(300) });
        long length = (long)mebibytes << 20;
        (string here, string gone) = (shard.Write("here", length), shard.Write("gone", length));
        await using HsmVolume node = await HsmVolume.OpenAsync(shard.Root);
        await node.ArchiveAsync([here], new MigrationOptions { SettleTime = TimeSpan.Zero }); // so that it is durable, and may be given up by the page cache
        await node.MigrateAsync([gone], new MigrationOptions { SettleTime = TimeSpan.Zero });
        await node.Monitor!.WaitForModeAsync(LockMode.Relaxed);
        string path = Path.Combine(shard.Root, here), copy = Path.Combine(Path.GetDirectoryName(shard.Root)!, "copy");
        string stored = new DirectoryStoreLayout(shard.Store).Object(node.GetStatus(gone).ObjectKey!.Value);

        Task Streamed(string name, StubAccess access, Func<HsmFile, Task> read) => UseAsync(node.OpenFile(name, new HsmOpenOptions { StubAccess = access }), read);
        Func<Stream, Task> WithBuffers(int size) => to => Streamed(here, default, file =>
        {
            file.AdviseSequential();
            return OverlappedCopy.RunAsync(file.AsStream(), length, to, size, default);
        });
        (string Name, string Read, Func<Stream, Task> Run)[] ways =
        [
            ("`File.OpenRead`, `CopyToAsync`", path, async to =>
            {
                await using FileStream from = File.OpenRead(path);
                await from.CopyToAsync(to);
            }),
            ("`HsmFile.AsStream().CopyToAsync`", path, to => Streamed(here, default, file => file.AsStream().CopyToAsync(to))),
            ("the same with two buffers of 64 KiB", path, WithBuffers(64 << 10)),
            ("the same with two buffers of 1 MiB", path, WithBuffers(1 << 20)),
            ("the same with two buffers of 4 MiB", path, WithBuffers(4 << 20)),
            ("`HsmFile.ReadAsync` of 128 KiB each, in a loop", path, to => Streamed(here, default, file => LoopAsync(file, to))),
            ("the same, opened with `SequentialScan`", path, async to =>
            {
                await using HsmFile file = node.OpenFile(here, new HsmOpenOptions { SequentialScan = true });
                await LoopAsync(file, to);
            }),
            ("a stub, by `ReadThrough`: `HsmFile.AsStream().CopyToAsync`", stored, to => Streamed(gone, StubAccess.ReadThrough, file => file.AsStream().CopyToAsync(to))),
        ];

        output.WriteLine($"| {mebibytes} MiB from front to back; {times} times, medians | from the disk, MiB/s | against the first | from the disk into a file | against the first | from the page cache, MiB/s | against the first |");
        output.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        TimeSpan[][] cold = Turns.Take(times, [.. ways.Select(way => ((Action<int>)(_ => Forget(way.Read)), (Action<int>)(_ => Wait(way.Run(Stream.Null)))))]);
        TimeSpan[][] filed = Turns.Take(times, [.. ways.Select(way => ((Action<int>)(_ =>
        {
            File.Delete(copy);
            Sync(); // no way is to write back what the one before it has written
            Forget(way.Read);
        }), (Action<int>)(_ => Wait(IntoFileAsync(way.Run)))))]);
        TimeSpan[][] warm = Turns.Take(times, [.. ways.Select(way => ((Action<int>)(_ => Wait(way.Run(Stream.Null))), (Action<int>)(_ => Wait(way.Run(Stream.Null)))))]);
        for (int way = 0; way < ways.Length; way++)
            output.WriteLine($"| {ways[way].Name} | {Cells(cold, way)} | {Cells(filed, way)} | {Cells(warm, way)} |");

        string Cells(TimeSpan[][] of, int way) => string.Create(CultureInfo.InvariantCulture,
            $"{mebibytes / of[way].At(0.5).TotalSeconds:0} | {of[0].At(0.5) / of[way].At(0.5):0.00}");
        async Task IntoFileAsync(Func<Stream, Task> run)
        {
            await using FileStream to = File.Create(copy);
            await run(to);
        }
    }

    private static async Task UseAsync(HsmFile opened, Func<HsmFile, Task> use)
    {
        await using HsmFile file = opened;
        await use(file);
    }

    private static async Task LoopAsync(HsmFile file, Stream to)
    {
        byte[] piece = new byte[128 << 10];
        int read;
        for (long offset = 0; (read = await file.ReadAsync(piece, offset)) > 0; offset += read)
            await to.WriteAsync(piece.AsMemory(0, read));
    }

    private static void Forget(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        _ = Advise((int)file.DangerousGetHandle(), 0, 0, DontNeed);
    }

    private static void Wait(Task work) => work.GetAwaiter().GetResult();

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);
}
