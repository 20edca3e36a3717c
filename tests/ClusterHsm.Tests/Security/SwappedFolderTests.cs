using System.Diagnostics;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>Whoever may change the tree swaps a folder for a link while the library is at work in it: nothing the link leads to is touched.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class SwappedFolderTests
{
    private const int LeastRounds = 12, MostRounds = 300;

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
            Shell.Run($"setfattr -n user.canary -v alive '{Path.Combine(Outside, name)}'");
        }
    }

    [TearDown]
    public void RemoveShard() => _shard.Dispose();

    [TestCase(false, true)]
    [TestCase(false, false)]
    [TestCase(true, true)]
    public async Task What_is_migrated_recalled_and_read_lies_in_the_folder_and_nowhere_else(bool intoTheControlFolder, bool isRelative)
    {
        Dictionary<string, byte[]> contents = s_names.ToDictionary(name => name, name => _shard.Write($"d/{name}", 20_000));
        string target = intoTheControlFolder ? ".clusterhsm" : isRelative ? "../outside" : Outside;
        string before = Fingerprint(intoTheControlFolder);
        string[] paths = [.. s_names.Select(name => $"d/{name}")];
        long wrong = 0, right = 0, refused = 0, released = 0;
        await using (HsmVolume volume = await _shard.OpenAsync())
        {
            using SwappedFolder swapped = new(_shard.PathOf("d"), target);
            for (int round = 0; round < LeastRounds || (round < MostRounds && (released < 8 || right < 8 || refused < 8)); round++)
            {
                MigrationSummary summary = await volume.MigrateAsync(paths, LocalShard.AtOnce);
                released += summary.Released;
                foreach (string name in s_names)
                {
                    try
                    {
                        _ = volume.GetStatus($"d/{name}");
                        byte[] read = await volume.ReadAllAsync($"d/{name}", round % 2 == 0 ? StubAccess.Recall : StubAccess.ReadThrough);
                        // Inside the shard a link may lead elsewhere: what a reader gets is a file of the shard.
                        bool isRight = read.AsSpan().SequenceEqual(contents[name]) || (intoTheControlFolder && read.Length < 1000);
                        (right, wrong) = isRight ? (right + 1, wrong) : (right, wrong + 1);
                    }
                    catch (HsmException)
                    {
                        refused++;
                    }
                }
                await volume.RecallAsync(paths);
                foreach (FileOutcome failure in summary.Failures.Where(failure => failure.Error is not HsmException))
                    Assert.Fail($"{failure.Path}: {failure.Error}");
            }
        }
        TestContext.Out.WriteLine($"{released} releases, {right} reads right, {refused} refused");
        (wrong, right > 0, refused > 0, released > 0).Should().Be((0, true, true, true));
        Fingerprint(intoTheControlFolder).Should().Be(before);
        await using HsmVolume after = await _shard.OpenAsync();
        foreach (string name in s_names)
            (await after.ReadAllAsync($"d/{name}")).Should().Equal(contents[name]);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void No_member_of_the_file_system_follows_the_link_out(bool useOpenAt2)
    {
        _shard.Write("d/f0", 100);
        string before = Fingerprint(false);
        using LinuxShardFileSystem files = LinuxShardFileSystem.Open(_shard.Root, new LinuxShardOptions(UseOpenAt2: useOpenAt2));
        using SwappedFolder swapped = new(_shard.PathOf("d"), "../outside");
        long refused = 0;
        for (int round = 0; round < 2000 || swapped.Swaps < 100; round++)
        {
            Try(() =>
            {
                using IShardFile file = files.Open("d/f0", ShardOpenOptions.ReadWrite);
                file.GetInfo().Size.Should().Be(100, "that is the file inside");
                file.WriteAttribute(StubRecord.AttributeName, "x"u8);
            });
            Try(() => (files.GetInfo("d/f0")?.Size ?? 100).Should().Be(100));
            Try(() => files.ReadAttribute("d/f0", "user.canary").Should().BeNull());
            Try(() => files.Open("d/new", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose());
            Try(() => files.Rename("d/new", "d/other"));
            Try(() => files.Delete("d/other"));
            Try(() => files.Delete("d/f1"));
            Try(() => files.CreateDirectory("d/folder", (UnixFileMode)0b111_101_101));
            Try(() => files.ReadDirectory("d").Select(entry => entry.Name).Should().NotContain("signal"));
            Try(() => files.FindWriters("d/f0"));
        }
        refused.Should().BePositive("the link was in the way now and then");
        Fingerprint(false).Should().Be(before);

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

    /// <summary>What must stay as it is, byte for byte.</summary>
    private string Fingerprint(bool ofTheControlFolder)
    {
        string files = ofTheControlFolder ? "signal quiesce shard.json key" : ".";
        using Process shell = Process.Start(new ProcessStartInfo("sh",
            ["-c", $"cd '{(ofTheControlFolder ? _shard.PathOf(ControlFolder.Name) : Outside)}' && find {files} -printf '%p %m %U %G %s %T@ %C@ %y %l %i\\n' | sort; getfattr -Rhd -m - {files} | sort; find {files} -type f | sort | xargs sha256sum"])
        { RedirectStandardOutput = true })!;
        string text = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        text.Should().Contain("signal");
        return text;
    }
}
