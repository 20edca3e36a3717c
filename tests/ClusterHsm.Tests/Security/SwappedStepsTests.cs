using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Tests.Crashes;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>
/// A file is swapped for a link at each step of an operation in turn, for one step or for good; as root, by the file's owner, who is another
/// user. Every look, opening, lock, read and change is a step.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class SwappedStepsTests
{
    private static readonly uint? s_user = Environment.IsPrivilegedProcess ? OtherUserFixture.Other : null;

    private readonly LocalShard _place = new(lease: TimeSpan.FromSeconds(60));
    private int _files;

    private string Outside => Path.Combine(Path.GetDirectoryName(_place.Root)!, "outside");

    [SetUp]
    public void LetThemIn()
    {
        File.SetUnixFileMode(Path.GetDirectoryName(_place.Root)!, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(_place.PathOf("theirs"));
        if (s_user is { } user)
            Shell.Run($"chown {user} '{_place.PathOf("theirs")}'").Should().BeTrue();
        File.WriteAllText(Outside, "a canary");
    }

    [OneTimeTearDown]
    public void RemoveShard() => _place.Dispose();

    [Test]
    public async Task Cannot_have_another_file_touched_by_a_link_that_is_put_in_its_place_at_any_step(
        [Values("archive", "release", "migrate", "recall", "open", "read through", "write")] string operation, [Values] bool andBack)
    {
        using SwappedNames swapped = new(s_user);
        Steps steps = new();
        await using SteppedVolume stepped = new(steps.Of(_place.Root), DirectoryStore.OpenOrCreate(_place.StoreFolder));
        string before = OfWhatIsNobodys();
        int tried = 0;
        foreach (string target in (string[])["../victim", "../../outside", Outside, "../.clusterhsm/signal"])
        {
            int count = int.MaxValue;
            for (int at = 0; at <= count; at++)
            {
                CrashFile theirs = Make("theirs/f"), victim = Make("victim");
                await PrepareAsync(stepped.Volume, theirs, operation);
                string path = _place.PathOf(theirs.Path);
                swapped.Link(path, target.Replace("victim", victim.Path, StringComparison.Ordinal));
                bool isSwapped = false;
                // The 0th is none: it counts the steps.
                Exception? refusal = null;
                int taken = await steps.CountAsync(theirs.Path, number =>
                {
                    if (at == 0 || (number != at && !(andBack && number == at + 1)))
                        return;
                    swapped.Swap(path);
                    isSwapped = !isSwapped;
                }, async () => refusal = await TryAsync(stepped.Volume, theirs.Path, operation));
                if (at == 0)
                {
                    refusal.Should().BeNull("nobody swaps anything");
                    count = taken;
                }
                if (isSwapped)
                    swapped.Swap(path);
                tried++;
                try
                {
                    await new CrashChecks(stepped, () => { }).FilesAsync([theirs, victim], keepsTimes: operation != "write");
                    OfWhatIsNobodys().Should().Be(before);
                }
                catch (AssertionException wrong)
                {
                    Assert.Fail($"a link to {target} at step {at} of {count} ({steps.Last}): {wrong.Message}");
                }
                stepped.Volume.Shard.Delete(theirs.Path);
                stepped.Volume.Shard.Delete(victim.Path);
                File.Delete(NameSwapper.LinkOf(path));
            }
            count.Should().BeGreaterThan(1);
        }
        TestContext.Out.WriteLine($"{operation}: {tried} swaps");
    }

    private CrashFile Make(string name)
    {
        CrashFile made = CrashFile.Make(_files++);
        CrashFile file = made with { Path = $"{name}{_files}", Owner = s_user is { } user && name != "victim" ? user : made.Owner };
        using IShardFileSystem files = ShardFileSystem.Open(_place.Root);
        file.Write(files);
        return file;
    }

    private static async Task PrepareAsync(HsmVolume volume, CrashFile file, string operation)
    {
        string[] before = operation switch
        {
            "archive" or "migrate" => [],
            "release" => ["archive", file.Path],
            _ => ["migrate", file.Path],
        };
        if (before.Length > 0)
            (await ShardWork.RunAsync(volume, before)).Should().BeEmpty();
    }

    /// <summary>It ends well, or with an error that the library has a name for.</summary>
    private static async Task<HsmException?> TryAsync(HsmVolume volume, string path, string operation)
    {
        try
        {
            MigrationSummary? sum = operation switch
            {
                "archive" => await volume.ArchiveAsync([path], ShardWork.InOrder),
                "release" => await volume.ReleaseAsync([path], ShardWork.InOrder),
                "migrate" => await volume.MigrateAsync([path], ShardWork.InOrder),
                "recall" => await volume.RecallAsync([path], ShardWork.InOrder),
                _ => null,
            };
            sum?.Failures.Where(failure => failure.Error is not HsmException).Should().BeEmpty();
            if (sum is null && operation == "write")
            {
                // Opened for writing, with no write: who writes to a link in the shard means the file that it leads to.
                await using HsmFile file = await volume.OpenFileAsync(path, new HsmOpenOptions { Access = FileAccess.ReadWrite });
            }
            else if (sum is null)
            {
                await volume.ReadAllAsync(path, operation == "open" ? StubAccess.Recall : StubAccess.ReadThrough);
            }
            return (HsmException?)sum?.Failures.FirstOrDefault()?.Error;
        }
        catch (HsmException refusal)
        {
            return refusal;
        }
    }

    private string OfWhatIsNobodys() =>
        $"{Fingerprint.Of(Path.GetDirectoryName(Outside)!, "outside")} {Fingerprint.Of(_place.PathOf(ControlFolder.Name), "signal", "quiesce", "shard.json")}";

    /// <summary>Counts the steps taken with a file.</summary>
    private sealed class Steps
    {
        private string? _path;
        private Action<int>? _step;
        private int _number;

        public string Last { get; private set; } = "";

        public WatchedShard Of(string root) => new(ShardFileSystem.Open(root))
        {
            Opening = path => Take("open", path),
            Naming = path => Take("look at the name", path),
            LookingForWriters = path => Take("look for writers", path),
            AfterLook = path => Take("read the record", path),
            BeforeRead = (path, _) => Take("read", path),
            Changing = Take,
            Locking = path =>
            {
                Take("lock", path);
                return null;
            },
        };

        public async Task<int> CountAsync(string path, Action<int> step, Func<Task> doAsync)
        {
            (_path, _step, _number) = (path, step, 0);
            await doAsync();
            _path = null;
            return _number;
        }

        private void Take(string what, string path)
        {
            if (path != _path)
                return;
            Last = what;
            _step!(++_number);
        }
    }
}
