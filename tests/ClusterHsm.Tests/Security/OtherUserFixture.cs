using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>A shard of root's on which another user has a folder of his own, <c>theirs</c>.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public abstract class OtherUserFixture : NodeScenarioFixture
{
    internal const uint Other = 65534;

    private protected const UnixFileMode ReadableByAll = (UnixFileMode)0b110_100_100;

    [SetUp]
    public void MakeTheirFolder()
    {
        RequireRoot("run a test's child as another user");
        File.SetUnixFileMode(Path.GetDirectoryName(Shard.Root)!, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(Shard.PathOf("theirs"));
        Shell.Run($"chown {Other}:{Other} '{Shard.PathOf("theirs")}'").Should().BeTrue();
    }

    /// <summary>A process of the other user that uses the library, outside the cluster.</summary>
    private protected Task<NodeChild> StartTheirsAsync() => StartNodeAsync("outside", $"uid={Other}");

    /// <summary>Whether a command of the shell succeeds as the other user, in the shard's root.</summary>
    private protected bool They(string command) =>
        Shell.Run($"cd '{Shard.Root}' && exec setpriv --reuid {Other} --regid {Other} --clear-groups sh -c \"{command}\"");

    /// <summary>A file of the other user's.</summary>
    private protected byte[] WriteTheirs(string name, int length)
    {
        byte[] bytes = Shard.Write(name, length);
        Shell.Run($"chown {Other}:{Other} '{Shard.PathOf(name)}'").Should().BeTrue();
        return bytes;
    }

    /// <summary>A file that only root may read.</summary>
    private protected byte[] WriteSecret(string name, int length)
    {
        byte[] bytes = Shard.Write(name, length);
        File.SetUnixFileMode(Shard.PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return bytes;
    }

    private protected static async Task<string> ErrorOfAsync(Func<Task> asking) =>
        (await asking.Should().ThrowAsync<NodeChildException>()).Which.Message;

    private protected static byte[] RecordOf(HsmVolume volume, string path) => volume.Shard.ReadAttribute(path, StubRecord.AttributeName)!;

    private protected static void SetRecord(HsmVolume volume, string path, byte[] record)
    {
        using IShardFile file = volume.Shard.Open(path, ShardOpenOptions.ReadWrite);
        file.WriteAttribute(StubRecord.AttributeName, record);
    }
}
