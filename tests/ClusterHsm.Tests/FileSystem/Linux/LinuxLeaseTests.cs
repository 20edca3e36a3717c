using System.Diagnostics;
using System.Globalization;
using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class LinuxLeaseTests
{
    private LinuxTestFolder _folder = null!;

    [SetUp]
    public void MakeFile()
    {
        _folder = new LinuxTestFolder();
        _folder.Write("file", "content");
    }

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public async Task Another_process_that_opens_waits_until_it_is_admitted_and_we_survive_the_signal()
    {
        IShardFile file = _folder.Open("file", ShardOpenOptions.ReadWrite);
        file.TryExcludeOpeners().Should().Be(OpenerExclusion.Excluded);

        using Process reader = LinuxTestFolder.StartShell("cat \"$1\"", _folder.PathOf("file"));
        // The kernel lists the lease as breaking once somebody waits, and has sent the signal by then.
        await Until(() => IsLeaseBreaking(file.Identity.Inode));
        reader.HasExited.Should().BeFalse();
        file.Write("CONTENT"u8, 0);
        file.AdmitOpeners();

        string seen = await reader.StandardOutput.ReadToEndAsync();
        await reader.WaitForExitAsync();
        seen.Should().Be("CONTENT");
        file.AdmitOpeners();
    }

    [Test]
    public void An_open_of_ours_is_refused_at_once_while_openers_are_kept_out()
    {
        IShardFile file = _folder.Open("file", ShardOpenOptions.ReadWrite);
        file.TryExcludeOpeners().Should().Be(OpenerExclusion.Excluded);

        FluentActions.Invoking(() => _folder.Shard.Open("file", ShardOpenOptions.Read))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.Busy);
        _folder.Shard.GetInfo("file").Should().NotBeNull();
        _folder.Shard.ReadAttribute("file", "user.none").Should().BeNull("looking at a record disturbs nobody");

        file.AdmitOpeners();
        _folder.Shard.Open("file", ShardOpenOptions.Read).Dispose();
    }

    [Test]
    public void Closing_admits_openers()
    {
        IShardFile file = _folder.Open("file", ShardOpenOptions.ReadWrite);
        file.TryExcludeOpeners().Should().Be(OpenerExclusion.Excluded);

        file.Dispose();

        _folder.Shard.Open("file", ShardOpenOptions.Read).Dispose();
    }

    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.Write)]
    public void Openers_cannot_be_kept_out_while_somebody_has_the_file_open(ShardOpenOptions how)
    {
        IShardFile other = _folder.Open("file", how);
        IShardFile file = _folder.Open("file", ShardOpenOptions.ReadWrite);

        file.TryExcludeOpeners().Should().Be(OpenerExclusion.OthersHaveItOpen);

        other.Dispose();
        file.TryExcludeOpeners().Should().Be(OpenerExclusion.Excluded);
    }

    [Test]
    public void A_writer_is_found_and_a_reader_is_not_one()
    {
        _folder.Shard.FindWriters("file").Should().Be(WriterPresence.None);
        _folder.Open("file", ShardOpenOptions.Read);
        _folder.Shard.FindWriters("file").Should().Be(WriterPresence.None);

        using (FileStream _ = File.Open(_folder.PathOf("file"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            _folder.Shard.FindWriters("file").Should().Be(WriterPresence.Present);
        _folder.Shard.FindWriters("file").Should().Be(WriterPresence.None);
    }

    [Test]
    public async Task A_writer_in_another_process_is_found()
    {
        using Process writer = LinuxTestFolder.StartShell("exec 3>>\"$1\"; echo open; read line", _folder.PathOf("file"));
        try
        {
            (await writer.StandardOutput.ReadLineAsync()).Should().Be("open");
            _folder.Shard.FindWriters("file").Should().Be(WriterPresence.Present);
        }
        finally
        {
            writer.Kill();
        }
        await writer.WaitForExitAsync();
        _folder.Shard.FindWriters("file").Should().Be(WriterPresence.None);
    }

    [Test]
    public void Writers_of_what_is_not_there_are_not_found() =>
        FluentActions.Invoking(() => _folder.Shard.FindWriters("none"))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotFound);

    private static bool IsLeaseBreaking(ulong inode) => File.ReadLines("/proc/locks").Any(line =>
        line.Contains("LEASE", StringComparison.Ordinal) && line.Contains("BREAKING", StringComparison.Ordinal)
        && line.Contains(string.Create(CultureInfo.InvariantCulture, $":{inode} "), StringComparison.Ordinal));

    private static async Task Until(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(5, limit.Token);
    }
}
