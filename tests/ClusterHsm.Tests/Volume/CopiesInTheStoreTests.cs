using System.Runtime.Versioning;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Copies that were good once: lost, or rotten at their full length, by the time the file's data is to be given up.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class CopiesInTheStoreTests
{
    private static readonly MigrationOptions s_verifying = LocalShard.AtOnce with { VerifyCopies = true };

    private LocalShard _shard = null!;
    private HsmVolume _volume = null!;
    private byte[] _bytes = null!;

    [SetUp]
    public async Task ArchiveFile()
    {
        _shard = new LocalShard();
        _bytes = _shard.Write("f", 100_000);
        _volume = await _shard.OpenAsync();
        (await _volume.ArchiveAsync(["f"], LocalShard.AtOnce)).Archived.Should().Be(1);
    }

    [TearDown]
    public async Task RemoveShard()
    {
        await _volume.DisposeAsync();
        _shard.Dispose();
    }

    [Test]
    public async Task A_migration_makes_a_new_copy_of_a_file_whose_object_is_gone_or_cut_short([Values] bool isGone)
    {
        if (isGone)
            File.Delete(TheObject());
        else
            Harm(static file => file.SetLength(10));

        (await _volume.MigrateAsync(["f"], LocalShard.AtOnce)).Should().BeEquivalentTo(new { Archived = 1L, Released = 1L, Failed = 0L });

        (await _volume.ReadAllAsync("f")).Should().Equal(_bytes);
    }

    [Test]
    public async Task A_rotten_copy_is_found_and_made_anew_by_a_migration_that_verifies_copies()
    {
        Harm(static file => file.WriteByte((byte)(file.ReadByte() ^ 1)));

        (await _volume.MigrateAsync(["f"], s_verifying)).Should().BeEquivalentTo(new { Archived = 1L, Released = 1L, Failed = 0L });

        (await _volume.ReadAllAsync("f")).Should().Equal(_bytes);
    }

    [Test]
    public async Task An_archive_that_verifies_copies_makes_a_rotten_one_anew_and_leaves_a_good_one()
    {
        (await _volume.ArchiveAsync(["f"], s_verifying)).Should().BeEquivalentTo(new { Archived = 0L, Skipped = 1L });
        Harm(static file => file.WriteByte(0));
        Harm(static file => file.WriteByte(1)); // whatever it was before, one of the two has changed it

        (await _volume.ArchiveAsync(["f"], s_verifying)).Should().BeEquivalentTo(new { Archived = 1L, Failed = 0L });

        (await _volume.VerifyAsync("f", deep: true)).Should().BeEquivalentTo(new { Verified = 1L, Failed = 0L });
    }

    [Test]
    public async Task A_release_that_verifies_copies_keeps_the_data_of_a_file_with_a_rotten_one()
    {
        Harm(static file => file.WriteByte((byte)(file.ReadByte() ^ 1)));

        MigrationSummary summary = await _volume.ReleaseAsync(["f"], s_verifying);

        summary.Failures.Should().ContainSingle().Which.Error.Should().BeOfType<DigestMismatchException>()
            .Which.Message.Should().Contain("The file's data is on the shard");
        _volume.GetStatus("f").State.Should().Be(FileState.Archived);
        File.ReadAllBytes(_shard.PathOf("f")).Should().Equal(_bytes);
    }

    [Test]
    public async Task What_was_written_into_a_stub_is_found_by_a_deep_verification_as_it_keeps_the_stub_from_being_recalled()
    {
        await _volume.MigrateAsync(["f"], LocalShard.AtOnce);
        (await _volume.VerifyAsync("f", deep: true)).Verified.Should().Be(1);
        using (FileStream stub = new(_shard.PathOf("f"), FileMode.Open, FileAccess.Write))
            stub.Write("foreign"u8);

        (await _volume.VerifyAsync("f", deep: true)).Failures.Should().ContainSingle().Which.Error.Should().BeOfType<ForeignDataException>();

        await _volume.Invoking(volume => volume.ReadAllAsync("f")).Should().ThrowAsync<ForeignDataException>();
    }

    [Test]
    public async Task A_copy_is_kept_whose_record_the_server_has_taken_though_its_client_was_told_that_it_failed()
    {
        byte[] bytes = _shard.Write("g", 5000);
        await using HookedVolume archiver = new(_shard);
        archiver.Shard.AfterRecord = path =>
        {
            archiver.Shard.AfterRecord = null;
            throw new ShardIOException(ShardError.Temporary, "write the record of", path, "the file system's server did not answer in time");
        };

        (await archiver.Volume.ArchiveAsync(["g"], LocalShard.AtOnce)).Failed.Should().Be(1);

        (await _volume.VerifyAsync("g", deep: true)).Should().BeEquivalentTo(new { Verified = 1L, Failed = 0L });
        (await _volume.ReadAllAsync("g")).Should().Equal(bytes);
    }

    private string TheObject() => _shard.Objects().Single();

    private void Harm(Action<FileStream> harm)
    {
        File.SetUnixFileMode(TheObject(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using FileStream file = new(TheObject(), FileMode.Open, FileAccess.ReadWrite);
        harm(file);
    }
}
