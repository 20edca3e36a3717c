using ClusterHsm.Stubs;
using ClusterHsm.Tests.Tool;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Samples;

[Platform("Linux")]
public sealed class BackupAgentTests
{
    [Test]
    public async Task It_backs_up_data_and_records_recalls_none_and_restores_both()
    {
        using LocalShard shard = new();
        Dictionary<string, byte[]> contents = new()
        {
            ["regular"] = shard.Write("regular", 3000),
            ["d/archived"] = shard.Write("d/archived", 4000),
            ["d/e/stub"] = shard.Write("d/e/stub", 5000),
        };
        await using HsmVolume volume = await shard.OpenAsync();
        await volume.ArchiveAsync(["d/archived"], LocalShard.AtOnce);
        await volume.MigrateAsync(["d/e/stub"], LocalShard.AtOnce);
        string backup = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        try
        {
            ToolResult made = await SampleProcess.RunAsync("BackupAgent", "backup", shard.Root, backup);
            (made.End, made.Output).Should().Be(((0, ""), "2 files, 1 stubs, 0 failures\n"));
            volume.GetStatus("d/e/stub").State.Should().Be(FileState.Released, "nothing is recalled");
            Directory.GetFiles(Path.Combine(backup, "data"), "*", SearchOption.AllDirectories).Should().HaveCount(2, "a stub has no data here");

            foreach (string name in contents.Keys)
                File.Delete(shard.PathOf(name));
            Directory.Delete(shard.PathOf("d"), recursive: true);
            ToolResult restored = await SampleProcess.RunAsync("BackupAgent", "restore", backup, shard.Root);

            (restored.End, restored.Output).Should().Be(((0, ""), "2 files, 1 stubs, 0 failures\n"));
            volume.GetStatus("d/e/stub").State.Should().Be(FileState.Released, "a stub comes back as a stub");
            foreach ((string name, byte[] bytes) in contents)
                (await volume.ReadAllAsync(name)).Should().Equal(bytes, name);

            ToolResult again = await SampleProcess.RunAsync("BackupAgent", "restore", backup, shard.Root);
            again.ExitCode.Should().Be(1, "what is there is never replaced");
            foreach ((string name, byte[] bytes) in contents)
                (await volume.ReadAllAsync(name)).Should().Equal(bytes, name);
        }
        finally
        {
            Directory.Delete(backup, recursive: true);
        }
    }
}
