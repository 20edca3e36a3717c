using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class HsmVolumeOptionsTests
{
    [Test]
    public async Task A_number_out_of_its_range_is_refused_by_its_name()
    {
        using LocalShard shard = new();
        Func<Task> Opening(HsmVolumeOptions options) => async () => await HsmVolume.OpenAsync(shard.Root, options);

        await Opening(new() { MaxConcurrentRecalls = 0 }).Should().ThrowAsync<ArgumentOutOfRangeException>().WithParameterName("MaxConcurrentRecalls");
        await Opening(new() { LockTimeout = TimeSpan.FromSeconds(-1) }).Should().ThrowAsync<ArgumentOutOfRangeException>().WithParameterName("LockTimeout");
        await using HsmVolume patient = await HsmVolume.OpenAsync(shard.Root, new() { LockTimeout = Timeout.InfiniteTimeSpan, JoinAsNode = false });
    }
}
