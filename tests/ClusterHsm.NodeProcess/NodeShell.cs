using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using Mono.Unix.Native;

namespace ClusterHsm.NodeProcess;

/// <summary>Does what standard input says, until it ends.</summary>
/// <remarks>
/// A command is a line of words with tabs between. The answer is <c>ok</c> with words, or <c>error TYPE MESSAGE</c>. Lines that begin
/// with <c>event</c> may come at any time.
/// </remarks>
internal sealed class NodeShell : IAsyncDisposable
{
    private static readonly Lock s_output = new();
    private readonly Dictionary<string, HsmFile> _files = [];
    private readonly List<IShardFile> _locked = [];
    private readonly ComposedNode? _node;
    private readonly HsmVolume _volume;
    private readonly CancellationTokenSource _watchEnd = new();
    private Task<(int Wrong, int Reads)>? _watching;

    private NodeShell(ComposedNode? node, HsmVolume volume) => (_node, _volume) = (node, volume);

    public static async Task<int> RunAsync(string root, NodeShellOptions options)
    {
        if (options.UserId is { } user && (Syscall.setgroups([]) != 0 || Syscall.setresgid(user, user, user) != 0 || Syscall.setresuid(user, user, user) != 0))
            throw new InvalidOperationException($"This process cannot become user {user}: {Stdlib.GetLastError()}.");
        await using NodeShell shell = options.IsOutside
            ? new NodeShell(null, await HsmVolume.OpenAsync(root, new HsmVolumeOptions { JoinAsNode = false }))
            : Compose(root, options);
        Say($"event ready {Environment.ProcessId}");
        while (await Console.In.ReadLineAsync() is { } line)
            Say(await shell.AnswerAsync(line.Split('\t')));
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HsmFile file in _files.Values)
            await file.DisposeAsync();
        foreach (IShardFile file in _locked)
            file.Dispose();
        await _volume.DisposeAsync();
        _watchEnd.Dispose();
        if (_node is not null)
            await _node.DisposeAsync();
    }

    private static NodeShell Compose(string root, NodeShellOptions options)
    {
        ComposedNode node = new(root, options.PollInterval,
            new HsmVolumeOptions { ReadThroughWithoutWritePermission = options.ReadsThrough },
            logger: new LineLogger(line => Say($"event log {line}")), locks: options.Locks);
        node.Shard.AfterDenial = path => Say($"event denied {path}");
        if (options.StoreStopsAt is { } end)
        {
            node.Store.BeforeRead = async (offset, cancellationToken) =>
            {
                if (offset < end)
                    return;
                Say("event store");
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            };
        }
        return new NodeShell(node, node.Volume);
    }

    private static void Say(string line)
    {
        lock (s_output)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    private async Task<string> AnswerAsync(string[] words)
    {
        try
        {
            return $"ok {await DoAsync(words)}";
        }
        catch (Exception failure)
        {
            return $"error {failure.GetType().Name} {failure.Message.ReplaceLineEndings(" ")}";
        }
    }

    private async Task<string> DoAsync(string[] words)
    {
        string[] paths = words[1..];
        switch (words[0])
        {
            case "open":
                _files[paths[0]] = await _volume.OpenFileAsync(paths[1],
                    new HsmOpenOptions { Access = paths.Contains("rw") ? FileAccess.ReadWrite : FileAccess.Read });
                return $"{_files[paths[0]].Mode}";
            case "read":
                byte[] piece = new byte[Number(paths[2])];
                int read = _files[paths[0]].Read(piece, Number(paths[1]));
                return $"{read} {Digest(piece.AsSpan(0, read))}";
            case "digest":
                return await DigestAsync(_files[paths[0]]);
            case "watch":
                string right = await ReadAllAsync(paths[0]);
                _watching = Task.Run(() => CountOthersAsync(paths[0], right, _watchEnd.Token));
                return right;
            case "unwatch": // how many reads were wrong, and how many there were
                await _watchEnd.CancelAsync();
                return $"{await _watching!}";
            case "write":
                _files[paths[0]].Write(Encoding.UTF8.GetBytes(paths[2]), Number(paths[1]));
                return "";
            case "close":
                await _files[paths[0]].DisposeAsync();
                _files.Remove(paths[0]);
                return "";
            case "read-all":
                return await ReadAllAsync(paths[0]);
            case "status":
                FileStatus status = _volume.GetStatus(paths[0]);
                return $"{status.State} {status.Size} {status.Info.Modified}";
            case "archive":
                return Words(await _volume.ArchiveAsync(paths, AtOnce()));
            case "release":
                return Words(await _volume.ReleaseAsync(paths, AtOnce()));
            case "migrate":
                return Words(await _volume.MigrateAsync(paths, AtOnce()));
            case "recall":
                return Words(await _volume.RecallAsync(paths, AtOnce()));
            case "release-and-hang": // in its session, after a number of files, for as long as the test lives
                return Words(await ReleaseAsync(paths[1..], holdUpBefore: 1 + (int)Number(paths[0]), "hanging", static () => Console.In.ReadToEnd()));
            case "release-in-steps": // in its session, after the first file, until a line comes
                MigrationSummary stepped = await ReleaseAsync(paths, holdUpBefore: 2, "step", static () => Console.In.ReadLine());
                return $"{Words(stepped)} handovers={stepped.Handovers}";
            case "poll":
                _volume.Monitor!.Poll();
                goto case "mode";
            case "mode":
                MonitorState state = _volume.Monitor!.State;
                return $"{state.Mode} {state.Reason}";
            case "polls":
                return $"{_volume.Monitor!.State.Polls}";
            case "log":
                Say($"event log {paths[0]}");
                return "";
            case "await":
                await _volume.Monitor!.WaitForModeAsync(Enum.Parse<LockMode>(paths[0]));
                return "";
            case "lock": // path, how it is opened, kind, offset, length; held until this process ends
                IShardFile locked = _volume.Shard.Open(paths[0], Enum.Parse<ShardOpenOptions>(paths[1]));
                _locked.Add(locked);
                return $"{locked.TryLock(new LockRange(Number(paths[3]), Number(paths[4])), Enum.Parse<LockKind>(paths[2])).Status}";
            case "set-record": // path, base64
                using (IShardFile file = _volume.Shard.Open(paths[0], ShardOpenOptions.ReadWrite))
                    file.WriteAttribute(StubRecord.AttributeName, Convert.FromBase64String(paths[1]));
                return "";
            case "remove-record": // as any program would, by its path
                return Syscall.removexattr(Path.Combine(_volume.Shard.Root, paths[0]), StubRecord.AttributeName) == 0 ? "removed" : $"{Stdlib.GetLastError()}";
            case "sweep":
                return $"{(await _volume.SweepAsync()).Orphans}";
            case "verify":
                return Words(await _volume.VerifyAsync(paths[0]));
            case "import":
                StubExport.TryParse(paths[0], out StubExport? export, out _);
                return Words(await _volume.ImportAsync([export!], AtOnce()));
            case "recalled-bytes":
                return $"{_volume.Counters.RecalledBytes}";
            default:
                throw new ArgumentException($"'{words[0]}' is no command.");
        }
    }

    private static async Task<string> DigestAsync(HsmFile file)
    {
        using MemoryStream copy = new();
        await file.AsStream().CopyToAsync(copy);
        return $"{copy.Length} {Digest(copy.ToArray())}";
    }

    private async Task<string> ReadAllAsync(string path)
    {
        using MemoryStream copy = new();
        await using (HsmFile file = await _volume.OpenFileAsync(path))
            await file.AsStream().CopyToAsync(copy);
        return $"{copy.Length} {Digest(copy.ToArray())}";
    }

    /// <summary>Opens and reads a file over and over. It is closed between: a migrator takes no file that a strict reader has open.</summary>
    private async Task<(int Wrong, int Reads)> CountOthersAsync(string path, string right, CancellationToken end)
    {
        (int wrong, int reads) = (0, 0);
        for (; !end.IsCancellationRequested; reads++)
        {
            wrong += await ReadAllAsync(path) == right ? 0 : 1;
            await Task.Delay(5, CancellationToken.None);
        }
        return (wrong, reads);
    }

    private static MigrationOptions AtOnce() => new() { SettleTime = TimeSpan.Zero };

    /// <summary>Releases files one by one, and is held up in the middle of its session, before it opens one of them; those before it are stubs by then.</summary>
    private async Task<MigrationSummary> ReleaseAsync(string[] paths, int holdUpBefore, string name, Func<string?> hold)
    {
        await using ComposedNode migrator = new(_volume.Root, isOutside: true);
        HashSet<string> opened = [];
        migrator.Shard.OpeningToWrite = path =>
        {
            if (!opened.Add(path) || opened.Count != holdUpBefore)
                return;
            Say($"event {name} {path}");
            hold();
        };
        return await migrator.Volume.ReleaseAsync(paths, AtOnce() with { MostFilesInGroup = 1 });
    }

    private static string Words(MigrationSummary sum) =>
        $"archived={sum.Archived} released={sum.Released} recalled={sum.Recalled} skipped={sum.Skipped} failed={sum.Failed}";

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
