using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>
/// Whoever may change a folder swaps what is in it, a folder or a file, for a link while the library is at work there: nothing the link leads
/// to is touched. As root, it is another user.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class SwappedFolderTests
{
    private const int LeastRounds = 12;

    private static readonly uint? s_user = Environment.IsPrivilegedProcess ? OtherUserFixture.Other : null;

    private static readonly string[] s_names = ["signal", "quiesce", "shard.json", "key", "f0", "f1", "f2", "f3"];

    private LocalShard _shard = null!;

    private string Outside => Path.Combine(Path.GetDirectoryName(_shard.Root)!, "outside");

    [SetUp]
    public void MakeShard()
    {
        _shard = new LocalShard(lease: TimeSpan.FromMilliseconds(100), signRecords: true);
        Directory.CreateDirectory(Outside);
        foreach (string name in s_names)
        {
            File.WriteAllText(Path.Combine(Outside, name), "a canary");
            Syscall.lsetxattr(Path.Combine(Outside, name), "user.canary", "alive"u8.ToArray()).Should().Be(0);
        }
        File.SetUnixFileMode(Path.GetDirectoryName(_shard.Root)!, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(_shard.PathOf("theirs"));
        LetThemHave("theirs");
    }

    [TearDown]
    public void RemoveShard() => _shard.Dispose();

    [TestCase("theirs/d", "../../outside", false)]
    [TestCase("theirs/d", null, false)]
    [TestCase("theirs/d", "../.clusterhsm", true)]
    [TestCase("theirs/d/f0", "../../../outside/f0", false)]
    [TestCase("theirs/d/f0", null, false)]
    [TestCase("theirs/d/f0", "../../.clusterhsm/key", true)]
    public async Task Cannot_lead_what_is_migrated_recalled_or_read_out_of_its_folder(string place, string? target, bool intoTheControlFolder)
    {
        bool isFile = place.EndsWith("f0", StringComparison.Ordinal);
        string[] names = isFile ? ["f0"] : s_names;
        Dictionary<string, byte[]> contents = names.ToDictionary(name => name, name => _shard.Write($"theirs/d/{name}", 20_000));
        LetThemHave("theirs");
        target ??= isFile ? Path.Combine(Outside, "f0") : Outside;
        string before = OfVictims(intoTheControlFolder);
        string[] paths = [.. names.Select(name => $"theirs/d/{name}")];
        long wrong = 0, right = 0, refused = 0, released = 0;
        string lastRefusal = "";
        await using (HsmVolume volume = await _shard.OpenAsync())
        {
            using SwappedNames swapped = Race(place, target);
            // Rounds differ: what is refused takes a thousandth of the time of what is released.
            using CancellationTokenSource patience = new(NodeChild.Patience);
            for (int round = 0; round < LeastRounds || (!patience.IsCancellationRequested && (released < 8 || right < 8 || refused < 8)); round++)
            {
                MigrationSummary summary = await volume.MigrateAsync(paths, LocalShard.AtOnce);
                released += summary.Released;
                foreach (string name in names)
                {
                    try
                    {
                        _ = volume.GetStatus($"theirs/d/{name}");
                        byte[] read = await volume.ReadAllAsync($"theirs/d/{name}", round % 2 == 0 ? StubAccess.Recall : StubAccess.ReadThrough);
                        // Inside the shard a link may lead elsewhere: what a reader gets is a file of the shard.
                        bool isRight = read.AsSpan().SequenceEqual(contents[name]) || (intoTheControlFolder && read.Length < 1000);
                        (right, wrong) = isRight ? (right + 1, wrong) : (right, wrong + 1);
                    }
                    catch (HsmException e)
                    {
                        refused++;
                        lastRefusal = e.Message;
                    }
                }
                await volume.RecallAsync(paths);
                foreach (FileOutcome failure in summary.Failures.Where(failure => failure.Error is not HsmException))
                    Assert.Fail($"{failure.Path}: {failure.Error}");
            }
        }
        TestContext.Out.WriteLine($"{released} releases, {right} reads right, {refused} refused, the last because {lastRefusal}");
        (wrong, right > 0, refused > 0, released > 0).Should().Be((0, true, true, true));
        OfVictims(intoTheControlFolder).Should().Be(before);
        await using HsmVolume after = await _shard.OpenAsync();
        foreach (string name in names)
            (await after.ReadAllAsync($"theirs/d/{name}")).Should().Equal(contents[name]);
    }

    [TestCase("theirs/d", "../../outside", true)]
    [TestCase("theirs/d", "../../outside", false)]
    [TestCase("theirs/d/f0", "../../../outside/f0", true)]
    [TestCase("theirs/d/f0", "../../../outside/f0", false)]
    public void Cannot_lead_any_call_of_the_file_system_out_of_the_shard(string place, string target, bool useOpenAt2)
    {
        _shard.Write("theirs/d/f0", 100);
        LetThemHave("theirs");
        string before = OfVictims(false);
        using LinuxShardFileSystem files = LinuxShardFileSystem.Open(_shard.Root, new LinuxShardOptions(UseOpenAt2: useOpenAt2));
        using SwappedNames swapped = Race(place, target);
        long refused = 0;
        for (int round = 0; round < 2000 || swapped.Swaps < 100; round++)
        {
            Try(() =>
            {
                using IShardFile file = files.Open("theirs/d/f0", ShardOpenOptions.ReadWrite);
                file.GetInfo().Size.Should().Be(100, "that is the file inside");
                file.WriteAttribute(StubRecord.AttributeName, "x"u8);
            });
            Try(() => (files.GetInfo("theirs/d/f0")?.Size ?? 100).Should().BeOneOf(100, target.Length)); // the file's, or the link's own
            Try(() => files.ReadAttribute("theirs/d/f0", "user.canary").Should().BeNull());
            Try(() => files.Open("theirs/d/new", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose());
            Try(() => files.Rename("theirs/d/new", "theirs/d/other"));
            Try(() => files.Delete("theirs/d/other"));
            Try(() => files.Delete("theirs/d/f1"));
            Try(() => files.CreateDirectory("theirs/d/folder", (UnixFileMode)0b111_101_101));
            Try(() => files.ReadDirectory("theirs/d").Select(entry => entry.Name).Should().NotContain("signal"));
            Try(() => files.FindWriters("theirs/d/f0"));
        }
        refused.Should().BePositive("the link was in the way now and then");
        OfVictims(false).Should().Be(before);

        void Try(Action action)
        {
            try
            {
                action();
            }
            catch (ShardIOException)
            {
                refused++;
            }
        }
    }

    private string OfVictims(bool inTheControlFolder) => inTheControlFolder
        ? Fingerprint.Of(_shard.PathOf(ControlFolder.Name), "signal", "quiesce", "shard.json", "key")
        : Fingerprint.Of(Outside);

    private SwappedNames Race(string place, string target)
    {
        SwappedNames swapped = new(s_user);
        swapped.Link(_shard.PathOf(place), target);
        swapped.Race(_shard.PathOf(place));
        return swapped;
    }

    private void LetThemHave(string folder)
    {
        if (s_user is { } user)
            Shell.Run($"chown -R {user}:{user} '{_shard.PathOf(folder)}'").Should().BeTrue();
    }
}
