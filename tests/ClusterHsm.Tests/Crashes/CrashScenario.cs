using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Tests.Crashes;

/// <summary>What is done when the crash comes, what was there before, and what is there when it has been done again.</summary>
internal abstract class CrashScenario(int count)
{
    public static IReadOnlyDictionary<string, Func<CrashScenario>> All { get; } = new Dictionary<string, Func<CrashScenario>>
    {
        ["archive of one file"] = () => new Archive(1),
        ["archive of a batch"] = () => new Archive(8),
        ["release of one file"] = () => new Release(1),
        ["release of a group"] = () => new Release(8),
        ["release of two groups"] = () => new Release(9, "release in groups of 8"),
        ["recall"] = () => new Recall(startsOver: false),
        ["recall after one that was cut off"] = () => new Recall(startsOver: true),
        ["import"] = () => new Import(2),
        ["sweep"] = () => new Sweep(),
        ["pin"] = () => new Pin(),
    };

    /// <summary>The files that must not suffer.</summary>
    public List<CrashFile> Files { get; } = [.. Enumerable.Range(0, count).Select(number => CrashFile.Make(number, isSparse: count == 1))];

    /// <summary>The state that the files have in the end.</summary>
    public abstract FileState End { get; }

    /// <summary>Whether the files are pinned in the end.</summary>
    public virtual bool Pins => false;

    /// <summary>Whether names are made on the shard that a crash may keep or lose.</summary>
    public virtual bool MakesNames => false;

    protected string[] Paths => [.. Files.Select(file => file.Path)];

    /// <summary>Makes what is there before.</summary>
    /// <param name="stepped">A volume.</param>
    /// <param name="age">Lets the orphans known so far get older than the grace time.</param>
    /// <returns>What is done then (<see cref="ShardWork"/>).</returns>
    public virtual Task<string[]> PrepareAsync(SteppedVolume stepped, Action age)
    {
        foreach (CrashFile file in Files)
            file.Write(stepped.Volume.Shard);
        return PrepareAsync(stepped.Volume);
    }

    protected abstract Task<string[]> PrepareAsync(HsmVolume volume);

    protected static async Task RunAsync(HsmVolume volume, params string[] words)
    {
        if (await ShardWork.RunAsync(volume, words) is [var failure, ..])
            throw new InvalidOperationException(failure);
    }

    private sealed class Archive(int count) : CrashScenario(count)
    {
        public override FileState End => FileState.Archived;

        protected override Task<string[]> PrepareAsync(HsmVolume volume) => Task.FromResult<string[]>(["archive", .. Paths]);
    }

    private sealed class Release(int count, string work = "release") : CrashScenario(count)
    {
        public override FileState End => FileState.Released;

        protected override async Task<string[]> PrepareAsync(HsmVolume volume)
        {
            await RunAsync(volume, ["archive", .. Paths]);
            return [work, .. Paths];
        }
    }

    private sealed class Recall(bool startsOver) : CrashScenario(1)
    {
        public override FileState End => FileState.Archived;

        protected override async Task<string[]> PrepareAsync(HsmVolume volume)
        {
            await RunAsync(volume, ["migrate", .. Paths]);
            if (startsOver)
            {
                using IShardFile file = volume.Shard.Open(Paths[0], ShardOpenOptions.ReadWrite);
                FileRecord.Write(file, FileRecord.Read(file, Paths[0], RecordSeal.None)! with { State = FileState.Recalling }, RecordSeal.None);
                file.Write(Files[0].Bytes.AsSpan(0, 10_000), 0); // moves its time
            }
            return ["recall", .. Paths];
        }
    }

    private sealed class Import(int count) : CrashScenario(count)
    {
        public override FileState End => FileState.Released;

        public override bool MakesNames => true;

        protected override async Task<string[]> PrepareAsync(HsmVolume volume)
        {
            await RunAsync(volume, ["migrate", .. Paths]);
            string[] exports = [.. Paths.Select(path => (volume.Export(path)! with { Path = $"new/folder/{path}" }).ToString())];
            Files.AddRange([.. Files.Select(file => file with { Path = $"new/folder/{file.Path}", IsNew = true })]);
            return ["import", .. exports];
        }
    }

    /// <summary>Two orphans are due, and one is found now.</summary>
    private sealed class Sweep() : CrashScenario(2)
    {
        public override FileState End => FileState.Archived;

        public override bool MakesNames => true;

        public override async Task<string[]> PrepareAsync(SteppedVolume stepped, Action age)
        {
            HsmVolume volume = stepped.Volume;
            CrashFile[] orphans = [.. Enumerable.Range(10, 3).Select(number => CrashFile.Make(number))];
            foreach (CrashFile file in (IEnumerable<CrashFile>)[.. Files, .. orphans])
            {
                file.Write(volume.Shard);
                await RunAsync(volume, "archive", file.Path);
            }
            volume.Shard.Delete(orphans[0].Path);
            volume.Shard.Delete(orphans[1].Path);
            await RunAsync(volume, "sweep");
            age();
            volume.Shard.Delete(orphans[2].Path);
            return ["sweep"];
        }

        protected override Task<string[]> PrepareAsync(HsmVolume volume) => throw new NotSupportedException();
    }

    private sealed class Pin() : CrashScenario(1)
    {
        public override FileState End => FileState.Archived;

        public override bool Pins => true;

        protected override async Task<string[]> PrepareAsync(HsmVolume volume)
        {
            await RunAsync(volume, ["archive", .. Paths]);
            return ["pin", .. Paths];
        }
    }
}
