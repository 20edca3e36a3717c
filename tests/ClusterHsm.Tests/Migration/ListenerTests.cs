using System.Runtime.Versioning;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>A listener that fails, as one does whose output cannot be written: the work ends with its exception, and no file is blamed or harmed.</summary>
[SupportedOSPlatform("linux")]
public sealed class ListenerTests
{
    private static readonly Exception[] s_failures = [new InvalidOperationException("listener"), new IOException("listener")];

    [TestCaseSource(nameof(s_failures))]
    public async Task An_import_keeps_the_object_of_the_stub_that_it_could_not_tell_of(Exception failure)
    {
        using LocalShard shard = new();
        byte[] bytes = shard.Write("f", 1000);
        await using HsmVolume volume = await shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        StubExport export = volume.Export("f")!;
        File.Delete(shard.PathOf("f"));
        Failing listener = new(failure);

        Func<Task> import = () => volume.ImportAsync([export], new MigrationOptions { Progress = listener });

        (await import.Should().ThrowAsync<Exception>()).Which.Should().BeSameAs(failure);
        listener.Told.Should().ContainSingle().Which.Action.Should().Be(FileAction.Imported);
        (await volume.ReadAllAsync("f")).Should().Equal(bytes);
    }

    [TestCaseSource(nameof(s_failures))]
    public async Task An_archive_blames_no_file(Exception failure)
    {
        using LocalShard shard = new();
        shard.Write("f", 1000);
        await using HsmVolume volume = await shard.OpenAsync();
        Failing listener = new(failure);

        Func<Task> archive = () => volume.ArchiveAsync(["f"], LocalShard.AtOnce with { Progress = listener });

        (await archive.Should().ThrowAsync<Exception>()).Which.Should().BeSameAs(failure);
        listener.Told.Should().ContainSingle().Which.Action.Should().Be(FileAction.Archived);
    }

    [Test]
    public async Task An_import_again_says_that_the_object_of_a_stub_is_gone()
    {
        using LocalShard shard = new();
        shard.Write("f", 1000);
        await using HsmVolume volume = await shard.OpenAsync();
        await volume.MigrateAsync(["f"], LocalShard.AtOnce);
        StubExport export = volume.Export("f")!;
        File.Delete(shard.PathOf("f"));
        await volume.ImportAsync([export]);
        string name = volume.GetStatus("f").ObjectKey!.Value.ObjectId.ToString("N");
        File.Delete(shard.Objects().Single(path => Path.GetFileName(path) == name));

        MigrationSummary summary = await volume.ImportAsync([export]);

        summary.Failures.Should().ContainSingle().Which.Error.Should().BeOfType<ObjectMissingException>()
            .Which.Message.Should().Contain("Delete this stub and import it again");
    }

    private sealed class Failing(Exception failure) : IProgress<FileOutcome>
    {
        public List<FileOutcome> Told { get; } = [];

        public void Report(FileOutcome value)
        {
            Told.Add(value);
            throw failure;
        }
    }
}
