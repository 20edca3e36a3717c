using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>
/// Reading small files that are in the page cache: through the library and as plain .NET does it. All ways take turns in short batches,
/// so that what else the machine does falls on all alike; the median batch counts.
/// </summary>
internal static partial class ReadingTable
{
    private const int Files = 1000;
    private const int PieceLength = 4096;
    private const int Batch = 2000;
    private const int Rounds = 60;
    private const int CloseOnExec = 0x80000, Folder = 0x10000; // O_CLOEXEC, O_DIRECTORY
    private const ulong ResolveBeneath = 8; // RESOLVE_BENEATH
    private const nint OpenAt2 = 437; // the same on every machine
    private const int NoTerminalNonBlocking = 0x900; // O_NOCTTY | O_NONBLOCK
    private const int EmptyPath = 0x5100; // AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW
    private const uint InodeAndType = 0x101; // STATX_INO | STATX_TYPE

    private static readonly byte[] Piece = new byte[PieceLength];

    /// <summary>Prints two Markdown tables.</summary>
    public static async Task PrintAsync(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("clusterhsm-bench-").FullName;
        try
        {
            string root = Path.Combine(folder, "shard");
            Directory.CreateDirectory(root);
            HsmShard.Initialize(root, new Uri(Path.Combine(folder, "store")));
            string[] names = [.. Enumerable.Range(0, Files).Select(i => $"f{i}")];
            foreach (string name in names)
                await File.WriteAllBytesAsync(Path.Combine(root, name), RandomNumberGenerator.GetBytes(PieceLength * 4));
            await using HsmVolume node = await HsmVolume.OpenAsync(root);
            await node.Monitor!.WaitForModeAsync(LockMode.Relaxed);
            await using HsmVolume strict = await HsmVolume.OpenAsync(root, new HsmVolumeOptions { JoinAsNode = false });
            using IShardFileSystem shard = ShardFileSystem.Open(root);
            PrintOpening(output, root, names, node, strict, shard);
            PrintReading(output, Path.Combine(root, names[0]), names[0], node);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static unsafe void PrintOpening(TextWriter output, string root, string[] names, HsmVolume node, HsmVolume strict, IShardFileSystem shard)
    {
        string[] paths = [.. names.Select(name => Path.Combine(root, name))];
        byte[][] bytes = [.. paths.Select(path => System.Text.Encoding.UTF8.GetBytes(path + '\0'))];
        byte[][] names8 = [.. names.Select(name => System.Text.Encoding.UTF8.GetBytes(name + '\0'))];
        int below;
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(root + '\0'))
            below = Open(path, CloseOnExec | Folder, 0);
        Print(output, "open, read 4 KiB, close",
        [
            ("`File.OpenHandle`, `RandomAccess.Read`, dispose", i =>
            {
                using SafeFileHandle file = File.OpenHandle(paths[i]);
                return RandomAccess.Read(file, Piece, 0);
            }),
            ("`HsmVolume.OpenFile`, `Read`, dispose; relaxed", i =>
            {
                using HsmFile file = node.OpenFile(names[i]);
                return file.Read(Piece, 0);
            }),
            ("the same, strict", i =>
            {
                using HsmFile file = strict.OpenFile(names[i]);
                return file.Read(Piece, 0);
            }),
            ("`IShardFileSystem.Open`, `Read`, dispose", i =>
            {
                using IShardFile file = shard.Open(names[i], ShardOpenOptions.Read);
                return file.Read(Piece, 0);
            }),
            ("`openat2` below the open root, `statx`, `pread`, `close` of libc, called from C#", i => ReadBelow(below, names8[i])),
            ("`open`, `pread`, `close` of libc, called from C#", i =>
            {
                fixed (byte* path = bytes[i], piece = Piece)
                {
                    int file = Open(path, CloseOnExec, 0);
                    nint read = PRead(file, piece, PieceLength, 0);
                    _ = Close(file);
                    return (int)read;
                }
            }),
        ]);
        _ = Close(below);
    }

    /// <summary>The system calls of a relaxed open, read and close with the library's own flags, and nothing else.</summary>
    private static unsafe int ReadBelow(int folder, byte[] name)
    {
        // struct open_how of linux/openat2.h: flags, mode, resolve.
        ulong* how = stackalloc ulong[3] { CloseOnExec | NoTerminalNonBlocking, 0, ResolveBeneath };
        byte* facts = stackalloc byte[256];
        fixed (byte* path = name, piece = Piece)
        {
            int file = (int)SystemCall(OpenAt2, folder, path, how, 3 * sizeof(ulong));
            byte none = 0;
            _ = Statx(file, &none, EmptyPath, InodeAndType, facts);
            nint read = PRead(file, piece, PieceLength, 0);
            _ = Close(file);
            return (int)read;
        }
    }

    private static void PrintReading(TextWriter output, string path, string name, HsmVolume node)
    {
        using SafeFileHandle plain = File.OpenHandle(path);
        using HsmFile file = node.OpenFile(name);
        Print(output, "a further 4 KiB read",
        [
            ("`RandomAccess.Read`", i => RandomAccess.Read(plain, Piece, (i & 3) * PieceLength)),
            ("`HsmFile.Read`; relaxed", i => file.Read(Piece, (i & 3) * PieceLength)),
        ]);
    }

    private static void Print(TextWriter output, string work, (string Name, Func<int, int> Run)[] ways)
    {
        double[][] figures = [.. ways.Select(_ => new double[Rounds])];
        long[] allocated = new long[ways.Length];
        int next = 0;
        for (int round = -5; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                Func<int, int> run = ways[way].Run;
                long before = GC.GetAllocatedBytesForCurrentThread();
                long began = Stopwatch.GetTimestamp();
                for (int i = 0; i < Batch; i++)
                {
                    next = (next + 1) % Files;
                    if (run(next) != PieceLength)
                        throw new InvalidOperationException("A read was short.");
                }
                if (round >= 0)
                    figures[way][round] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Batch;
                allocated[way] = (GC.GetAllocatedBytesForCurrentThread() - before) / Batch;
            }
        }
        double Median(int way) => figures[way].Order().ElementAt(Rounds / 2);
        output.WriteLine($"| {work} | µs, median of {Rounds} batches of {Batch} | against the first | bytes allocated |");
        output.WriteLine("|---|---:|---:|---:|");
        for (int way = 0; way < ways.Length; way++)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {ways[way].Name} | {Median(way) / 1000:F3} | {Median(way) / Median(0):F2} | {allocated[way]} |"));
        output.WriteLine();
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static unsafe partial int Open(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static unsafe partial nint SystemCall(nint number, nint folder, byte* path, ulong* how, nint size);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* facts);

    [LibraryImport("libc", EntryPoint = "pread")]
    private static unsafe partial nint PRead(int file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
