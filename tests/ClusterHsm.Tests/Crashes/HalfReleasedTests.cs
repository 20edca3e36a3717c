using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.NodeProcess;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Crashes;

/// <summary>A release was cut off between the mark and its end.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class HalfReleasedTests : ScenarioFixture
{
    private const string Name = "f0";

    [Test]
    public async Task A_punch_whose_times_were_not_put_back_is_told_by_the_record_and_a_recall_puts_them_back()
    {
        CrashFile file = await CutOffAsync(static open => open.PunchHole(0, open.GetInfo().Size));
        await using HsmVolume volume = await Shard.OpenAsync();
        volume.Shard.GetInfo(Name)!.Value.Modified.Should().NotBe(CrashFile.Modified, "the punch has moved it");

        volume.GetStatus(Name).Info.Modified.Should().Be(CrashFile.Modified);
        volume.EnumerateStatus("").Single(status => status.Path == Name).Info.Modified.Should().Be(CrashFile.Modified);
        volume.Export(Name)!.Modified.Should().Be(CrashFile.Modified);
        (await volume.ReadAllAsync(Name)).Should().Equal(file.Bytes);
        volume.GetStatus(Name).Info.Modified.Should().Be(CrashFile.Modified);
    }

    [Test]
    public async Task A_file_that_was_written_since_is_neither_released_nor_overwritten()
    {
        await CutOffAsync(static open => open.Write("mine"u8, 100));
        await using HsmVolume volume = await Shard.OpenAsync();
        Outcomes told = new();

        await volume.MigrateAsync([Name], told.AtOnce);
        told.Last.Reason.Should().Contain("cut off");
        (await volume.RecallAsync([Name])).Failures.Should().ContainSingle().Which.Error.Should().BeOfType<ForeignDataException>();
        File.ReadAllBytes(Shard.PathOf(Name)).AsSpan(100, 4).SequenceEqual("mine"u8).Should().BeTrue();
    }

    [Test]
    public async Task A_time_that_is_set_on_a_stub_stays_when_its_release_had_come_to_its_end()
    {
        Shard.Write(Name, 5000);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubAsync(Name);
        DateTime set = new(2002, 2, 2, 2, 2, 2, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Shard.PathOf(Name), set);

        await volume.RecallAsync([Name]);
        File.GetLastWriteTimeUtc(Shard.PathOf(Name)).Should().Be(set);
    }

    private async Task<CrashFile> CutOffAsync(Action<IShardFile> thenDo)
    {
        CrashFile file = CrashFile.Make(0);
        await using HsmVolume volume = await Shard.OpenAsync();
        file.Write(volume.Shard);
        (await ShardWork.RunAsync(volume, ["archive", Name])).Should().BeEmpty();
        using IShardFile open = volume.Shard.Open(Name, ShardOpenOptions.ReadWrite);
        FileRecord.Write(open, FileRecord.Read(open, Name, RecordSeal.None)! with { State = FileState.Released, ReleaseCount = 1, Changed = FileRecord.ReleaseUnderWay }, RecordSeal.None);
        thenDo(open);
        return file;
    }
}
