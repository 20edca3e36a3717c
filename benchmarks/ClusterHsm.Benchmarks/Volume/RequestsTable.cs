using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ClusterHsm.Coordination;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Benchmarks.Volume;

/// <summary>
/// What a GlusterFS client asks its server to open, read and close a file: plainly, and through the library. Counted by the client
/// itself, below all of its caches (<c>.meta/graphs/active/…/profile</c> of the volume that is of type protocol/client).
/// </summary>
internal static partial class RequestsTable
{
    private const int Files = 100;
    private const int Rounds = 21;
    private const int PieceLength = 4096;
    private const int CloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC

    private static readonly byte[] Piece = new byte[PieceLength];

    /// <summary>Prints a Markdown table.</summary>
    /// <param name="output">Where.</param>
    /// <param name="mount">Where the volume is mounted, by a client without a page cache.</param>
    /// <param name="client">The name of the client's volume of type protocol/client.</param>
    public static async Task PrintAsync(TextWriter output, string mount, string client)
    {
        string profile = Path.Combine(mount, ".meta/graphs/active", client, "profile");
        await File.WriteAllTextAsync(Path.Combine(mount, ".meta/measure_latency"), "1");
        // So long a lease that no poll falls among what is counted.
        using ScratchShard shard = new(new ShardInitializeOptions { LeaseDuration = TimeSpan.FromSeconds(60) }, mount);
        string[] names = [.. Enumerable.Range(0, Files).Select(i => shard.Write($"f{i}", PieceLength * 4))];
        string[] paths = [.. names.Select(name => Path.Combine(shard.Root, name))];
        byte[][] bytes = [.. paths.Select(path => System.Text.Encoding.UTF8.GetBytes(path + '\0'))];
        await using HsmVolume node = await HsmVolume.OpenAsync(shard.Root, new HsmVolumeOptions
        {
            Signal = new SignalFileOptions { PollInterval = TimeSpan.FromSeconds(20) },
        });
        await node.Monitor!.WaitForModeAsync(LockMode.Relaxed);
        await using HsmVolume strict = await HsmVolume.OpenAsync(shard.Root, new HsmVolumeOptions { JoinAsNode = false });

        using SafeFileHandle root = OpenRoot(shard.Root);
        byte[][] below = [.. names.Select(name => System.Text.Encoding.UTF8.GetBytes(name + '\0'))];
        (string Name, Action<int> Run)[] ways =
        [
            ("`openat` of libc, below the open root, `pread`, `close`", turn => ReadPlain((int)root.DangerousGetHandle(), below[turn])),
            ("`open` of libc, by the whole path, `pread`, `close`", turn => ReadPlain(0, bytes[turn])),
            ("`File.OpenHandle`, `RandomAccess.Read`, dispose", turn =>
            {
                using SafeFileHandle file = File.OpenHandle(paths[turn]);
                RandomAccess.Read(file, Piece, 0);
            }),
            ("`HsmVolume.OpenFile`, `Read`, dispose; relaxed", turn =>
            {
                using HsmFile file = node.OpenFile(names[turn]);
                file.Read(Piece, 0);
                if (file.Mode != LockMode.Relaxed)
                    throw new InvalidOperationException("The node is not relaxed.");
            }),
            ("the same, strict", turn =>
            {
                using HsmFile file = strict.OpenFile(names[turn]);
                file.Read(Piece, 0);
            }),
        ];
        void All(Action<int> run)
        {
            for (int i = 0; i < Files; i++)
                run(i);
        }
        TimeSpan[][] times = Turns.Take(Rounds, [.. ways.Select(way => ((Action<int>)(_ => { }), (Action<int>)(_ => All(way.Run))))]);

        output.WriteLine("| open, read 4 KiB, close on GlusterFS | requests to the server for each | of which | µs, median | against the first |");
        output.WriteLine("|---|---:|---|---:|---:|");
        for (int way = 0; way < ways.Length; way++)
        {
            _ = Count(profile);
            All(ways[way].Run);
            (string Name, double Count)[] counted =
            [
                .. Count(profile).Select(one => (one.Name, one.Count / (double)Files)).Where(one => one.Item2 >= 0.05)
                    .OrderBy(one => one.Name, StringComparer.Ordinal),
            ];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {ways[way].Name} | {counted.Sum(request => request.Count):0.0} | {string.Join(", ", counted.Select(request => string.Create(CultureInfo.InvariantCulture, $"{request.Count:0.#} {request.Name}")))} | {times[way].At(0.5).TotalMicroseconds / Files:0} | {times[way].At(0.5) / times[0].At(0.5):0.00} |"));
        }
    }

    /// <summary>What was asked since the last time: reading the profile sets its counters back.</summary>
    private static IEnumerable<(string Name, long Count)> Count(string profile) => Lines().Matches(File.ReadAllText(profile))
        .Select(line => (line.Groups[1].Value, long.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture)));

    private static unsafe SafeFileHandle OpenRoot(string root)
    {
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(root + '\0'))
            return new SafeFileHandle(OpenAt(0, path, CloseOnExec, 0), ownsHandle: true);
    }

    private static unsafe void ReadPlain(int folder, byte[] name)
    {
        fixed (byte* path = name, piece = Piece)
        {
            int file = OpenAt(folder, path, CloseOnExec, 0);
            if (PRead(file, piece, PieceLength, 0) != PieceLength)
                throw new InvalidOperationException("A read was short.");
            _ = Close(file);
        }
    }

    /// <summary>As in <c>remote.latency.LOOKUP = AVG:131520.3 CNT:18 …</c></summary>
    [GeneratedRegex(@"latency\.(\w+) = AVG:\S+ CNT:(\d+)")]
    private static partial Regex Lines();

    /// <summary>With an absolute path the folder counts for nothing.</summary>
    [LibraryImport("libc", EntryPoint = "openat")]
    private static unsafe partial int OpenAt(int folder, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread")]
    private static unsafe partial nint PRead(int file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
