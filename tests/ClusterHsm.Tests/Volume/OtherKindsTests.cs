using System.Runtime.Versioning;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>What is no regular file where one is wanted, and no folder where one is: the message says so, and names no option of the command.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class OtherKindsTests
{
    private readonly LocalShard _shard = new();

    [SetUp]
    public void Make()
    {
        _shard.Write("d/f", 10);
        Syscall.mkfifo(_shard.PathOf("pipe"), FilePermissions.DEFFILEMODE).Should().Be(0);
    }

    [TearDown]
    public void Remove() => _shard.Dispose();

    [TestCase("d", "it is a folder. Name a regular file in it.")]
    [TestCase("pipe", "it is a device, a pipe or a socket. Name a regular file.")]
    public async Task What_is_opened(string name, string words)
    {
        await using HsmVolume volume = await _shard.OpenAsync();

        (await FluentActions.Invoking(async () => await volume.OpenFileAsync(name)).Should().ThrowAsync<NotARegularFileException>())
            .Which.Message.Should().Be($"{_shard.PathOf(name)}: {words}");
    }

    [TestCase("d")]
    [TestCase("pipe")]
    public async Task What_is_looked_at(string name)
    {
        await using HsmVolume volume = await _shard.OpenAsync();

        FluentActions.Invoking(() => volume.GetStatus(name)).Should().Throw<NotARegularFileException>()
            .Which.Message.Should().Be($"{_shard.PathOf(name)}: it is not a regular file. Name a regular file.");
    }

    [Test]
    public async Task What_is_listed()
    {
        await using HsmVolume volume = await _shard.OpenAsync();

        FluentActions.Invoking(() => volume.EnumerateStatus("pipe").ToArray()).Should().Throw<NotARegularFileException>()
            .Which.Message.Should().Be($"{_shard.PathOf("pipe")}: it is neither a regular file nor a folder. Name a regular file, or a folder of them.");
    }

    [Test]
    public async Task What_is_opened_as_a_volume()
    {
        (await FluentActions.Invoking(async () => await HsmVolume.OpenAsync(_shard.PathOf("d/f"))).Should().ThrowAsync<NotARegularFileException>())
            .Which.Message.Should().Be($"{_shard.PathOf("d/f")}: it is not a folder. Name the folder that is the root of the shard.");
    }
}
