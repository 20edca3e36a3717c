using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>What is different without a key, and with a group of migrators: the table of docs/security.md.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class OtherUsersOnAPlainShard : OtherUserFixture
{
    [Test]
    public async Task Can_without_a_key_have_a_forged_record_believed()
    {
        byte[] secret = WriteSecret("secret", 5000);
        WriteTheirs("theirs/f", 5000);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.MakeStubAsync("secret");
        await root.MakeStubAsync("theirs/f");
        NodeChild they = await StartTheirsAsync();
        await they.AskAsync("set-record", "theirs/f", Convert.ToBase64String(StubRecordCodec.Encode(root.GetStatus("secret").Record!)));

        (await root.RecallAsync(["theirs/f"])).Recalled.Should().Be(1);

        File.ReadAllBytes(Shard.PathOf("theirs/f")).Should().Equal(secret, "this is what keys are for");
    }

    [Test]
    public async Task Cannot_recall_what_is_not_his()
    {
        Shard.Write("f", 5000);
        File.SetUnixFileMode(Shard.PathOf("f"), ReadableByAll);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.MakeStubAsync("f");
        NodeChild they = await StartTheirsAsync();

        (await they.AskAsync("recall", "f")).Should().Contain("failed=1");

        root.GetStatus("f").State.Should().Be(FileState.Released);
    }

    [TestCase("0077")]
    [TestCase("0000")]
    public void The_permissions_of_a_new_shard_are_its_own_whatever_the_umask(string umask)
    {
        using LocalShard made = new(isMade: false);
        Shell.Run($"umask {umask} && exec dotnet exec '{Tool.ToolProcess.Program}' init '{made.Root}' --store 'file://{made.StoreFolder}' --sign").Should().BeTrue();

        Modes(made).Should().Be("755 0 644 0 644 0 644 0 1777 0 600 0");
    }

    [Test]
    public void A_group_of_migrators_may_lock_and_read_the_key_and_no_more()
    {
        using LocalShard made = new(isMade: false);
        Shell.Run($"exec dotnet exec '{Tool.ToolProcess.Program}' init '{made.Root}' --store 'file://{made.StoreFolder}' --sign --group {Other}").Should().BeTrue();

        Modes(made).Should().Be($"755 0 664 {Other} 664 {Other} 644 0 1777 0 640 {Other}");
    }

    /// <summary>Permissions and group of the folder, signal, quiesce, shard.json, nodes and the key.</summary>
    private static string Modes(LocalShard shard)
    {
        using IShardFileSystem files = ShardFileSystem.Open(shard.Root);
        return string.Join(' ', ((string[])[ControlFolder.Name, ControlFolder.SignalPath, ControlFolder.QuiescePath, ControlFolder.DescriptorPath, ControlFolder.NodesPath,
            ControlFolder.KeyPath]).Select(path => files.GetInfo(path)!.Value).Select(info => $"{Convert.ToString((int)info.Mode, 8)} {info.GroupId}"));
    }
}
