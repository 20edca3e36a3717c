using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Torture;

/// <summary>When the faults are over and everyone has left: every file is there with its bytes, every object belongs to a record or is found by a sweep, and nothing else is left.</summary>
internal sealed class Accounting(Place place, TortureOptions options, RunFiles run)
{
    /// <summary>A server learns of a dead client by its silence.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly List<string> _problems = [];

    public int WrongBytes { get; private set; }

    public int FilesLost { get; private set; }

    public int ObjectsUnaccounted { get; private set; }

    public long Objects { get; private set; }

    public long Orphans { get; private set; }

    public IReadOnlyList<string> Problems => _problems;

    public async Task RunAsync(string store)
    {
        try
        {
            await SettleAsync(store);
        }
        catch (Exception failure) when (failure is HsmException or IOException)
        {
            Say($"the account cannot be settled: {failure.Message}");
        }
    }

    private async Task SettleAsync(string store)
    {
        await NobodyIsLeftAsync();
        await using (Party party = await Party.JoinAsync(place.Root(0), "accounting", new Random(options.Seed)))
        {
            Compare(party.Volume, StubAccess.ReadThrough, "at the end");
            await MigrateAllAsync(party.Volume);
            await VerifyAsync(party.Volume);
            await SweepAsync(party);
            Compare(party.Volume, StubAccess.Recall, "recalled at the end");
            await VerifyAsync(party.Volume);
        }
        NothingIsLeft(store);
    }

    private void Say(string problem)
    {
        _problems.Add(problem);
        run.History.Add(problem);
    }

    /// <summary>A party whose file is locked is alive: the lock of a dead one was not given back.</summary>
    private async Task NobodyIsLeftAsync()
    {
        using IShardFileSystem shard = ShardFileSystem.Open(place.Root(0));
        ShardDescriptor descriptor = ShardDescriptor.Load(shard);
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();
        IReadOnlyList<NodeInfo> left;
        while ((left = NodeRegistry.List(shard, descriptor)).Count > 0 && System.Diagnostics.Stopwatch.GetElapsedTime(begin) < s_patience)
            await Task.Delay(500);
        foreach (NodeInfo node in left)
            Say($"{node.Id} ({node.Host}, process {node.ProcessId}) still holds its lock though its process is gone");
    }

    private void Compare(HsmVolume volume, StubAccess access, string when)
    {
        const int Blocks = 64;
        Checker checker = new(run.Ledger);
        byte[] buffer = new byte[Blocks * FileImage.BlockLength];
        for (int file = 0; file < options.Files; file++)
        {
            try
            {
                using HsmFile handle = volume.OpenFile(FileImage.PathOf(file), new HsmOpenOptions { StubAccess = access });
                if (handle.Length > FileImage.LengthOf(file))
                    throw new InvalidDataException($"{FileImage.PathOf(file)} has {handle.Length} bytes instead of {FileImage.LengthOf(file)}");
                for (int first = 0; first < FileImage.BlocksOf(file); first += Blocks)
                {
                    int count = Math.Min(Blocks, FileImage.BlocksOf(file) - first);
                    checker.Begin(file, first, count);
                    int length = handle.Read(buffer.AsSpan(0, count * FileImage.BlockLength), (long)first * FileImage.BlockLength);
                    if (checker.End(file, first, buffer.AsSpan(0, length)) is not { } problem)
                        continue;
                    WrongBytes++;
                    Say($"WRONG BYTES {when}: {problem}");
                }
            }
            catch (Exception failure) when (failure is IOException)
            {
                FilesLost++;
                Say($"LOST {when}: {FileImage.PathOf(file)}: {failure.Message}");
            }
        }
    }

    /// <summary>Only a file whose lock is free can be released: a lock that a dead process left behind shows here.</summary>
    private async Task MigrateAllAsync(HsmVolume volume)
    {
        string[] paths = [.. Enumerable.Range(0, options.Files).Select(FileImage.PathOf)];
        MigrationSummary summary = await volume.MigrateAsync(paths);
        foreach (FileOutcome failure in summary.Failures)
            Say($"cannot be migrated at the end: {failure.Reason} {failure.Error?.Message}");
        foreach (string path in paths)
        {
            FileStatus status = volume.GetStatus(path);
            if (!status.IsStub && status.Size > 0)
                Say($"{path} was not released at the end: it is {status.State}");
        }
    }

    private async Task VerifyAsync(HsmVolume volume)
    {
        MigrationSummary summary = await volume.VerifyAsync("", deep: true);
        foreach (FileOutcome failure in summary.Failures)
            Say($"verify: {failure.Path}: {failure.Error?.Message}");
    }

    private async Task SweepAsync(Party party)
    {
        HashSet<ObjectKey> needed = [.. party.Volume.EnumerateStatus("")
            .Where(file => file.Record is { State: not FileState.Regular }).Select(file => file.Record!.Key)];
        HashSet<ObjectKey> there = await ObjectsAsync(party);
        Objects = there.Count;
        Told told = new();
        SweepOptions sweep = new() { GraceTime = SweepOptions.MinGraceTime, Progress = told };
        await SweepAsync(party, sweep);
        Orphans = told.Found.Count;
        ObjectsUnaccounted += Unaccounted(there.Except(needed).Except(told.Found), "belongs to no record, and the sweep did not find it");
        ObjectsUnaccounted += Unaccounted(needed.Except(there), "is in a record and not in the store");

        party.Store.Ahead = SweepOptions.MinGraceTime * 2;
        await SweepAsync(party, sweep);
        HashSet<ObjectKey> left = await ObjectsAsync(party);
        ObjectsUnaccounted += Unaccounted(left.Except(needed), "was due, and the sweep did not delete it");
        ObjectsUnaccounted += Unaccounted(needed.Except(left), "is in a record, and the sweep deleted it");
    }

    private async Task SweepAsync(Party party, SweepOptions options)
    {
        foreach (ScanGap gap in (await party.Volume.SweepAsync(options)).Gaps)
            Say($"the sweep could not read {gap.Path}: {gap.Reason}");
    }

    private int Unaccounted(IEnumerable<ObjectKey> objects, string why)
    {
        ObjectKey[] all = [.. objects];
        foreach (ObjectKey key in all)
            Say($"object {key} {why}");
        return all.Length;
    }

    private static async Task<HashSet<ObjectKey>> ObjectsAsync(Party party)
    {
        HashSet<ObjectKey> keys = [];
        await foreach (StoredObject found in party.Store.ListAsync(party.Volume.Descriptor.ShardId))
            keys.Add(found.Key);
        return keys;
    }

    /// <summary>Uploads and probes that were cut off are the sweep's to remove, after a day in the store and after an hour on the shard.</summary>
    private void NothingIsLeft(string store)
    {
        string root = place.Root(0);
        string[] own = [.. Enumerable.Range(0, options.Files).Select(file => FileImage.PathOf(file))];
        IEnumerable<string> found = Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(root, path));
        foreach (string path in found.Except(own))
        {
            if (path is not (".clusterhsm/signal" or ".clusterhsm/quiesce" or ".clusterhsm/shard.json" or ".clusterhsm/orphans")
                && !path.StartsWith(".clusterhsm/nodes/time-", StringComparison.Ordinal))
                Say($"left behind on the shard: {path}");
        }
        foreach (string path in Directory.EnumerateFiles(Path.Combine(store, "tmp")).Select(path => Path.GetFileName(path)))
        {
            if (!path.StartsWith("upload-", StringComparison.Ordinal) && !path.StartsWith("clock-", StringComparison.Ordinal))
                Say($"left behind in the store: tmp/{path}");
        }
    }

    private sealed class Told : IProgress<Orphan>
    {
        public HashSet<ObjectKey> Found { get; } = [];

        public void Report(Orphan value) => Found.Add(value.Object.Key);
    }
}
