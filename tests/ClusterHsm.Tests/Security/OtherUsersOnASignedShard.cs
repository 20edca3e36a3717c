using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Security;

/// <summary>What a user without any right but that to use the shard can do to others, and what not: the table of docs/security.md.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class OtherUsersOnASignedShard : OtherUserFixture
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => new(lease: lease, signRecords: true);

    [Test]
    public async Task Cannot_lock_signal_or_quiesce_exclusively()
    {
        NodeChild they = await StartTheirsAsync();
        foreach (string path in (string[])[ControlFolder.SignalPath, ControlFolder.QuiescePath])
        {
            (await ErrorOfAsync(() => they.AskAsync("lock", path, ShardOpenOptions.ReadWrite, LockKind.Exclusive, 0, 1))).Should().Contain("permission is missing");
            (await they.AskAsync("lock", path, ShardOpenOptions.Read, LockKind.Exclusive, 0, 1)).Should().NotBe("Granted");
            (await they.AskAsync("lock", path, ShardOpenOptions.Read, LockKind.Shared, 0, 4096)).Should().Be("Granted", "that is what a node does");
        }
    }

    [Test]
    public void Cannot_change_or_remove_control_files()
    {
        string before = Fingerprint.Of(Shard.PathOf(".clusterhsm"));
        foreach (string file in (string[])["signal", "quiesce", "shard.json", "key", "orphans", "nodes"])
        {
            They($"rm -rf .clusterhsm/{file}").Should().Be(file == "orphans", file);
            They($"mv .clusterhsm/{file} theirs/taken").Should().BeFalse(file);
            They($"echo x >> .clusterhsm/{file}").Should().BeFalse(file);
            They($"chmod 0777 .clusterhsm/{file}").Should().BeFalse(file);
        }
        They("mv .clusterhsm theirs/taken").Should().BeFalse();
        They("rmdir .clusterhsm/nodes").Should().BeFalse();
        Fingerprint.Of(Shard.PathOf(".clusterhsm")).Should().Be(before);
    }

    [Test]
    public void Cannot_read_the_key() => They("cat .clusterhsm/key").Should().BeFalse();

    [Test]
    public async Task Cannot_read_the_store()
    {
        WriteTheirs("theirs/f", 5000);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.ArchiveAsync(["theirs/f"], LocalShard.AtOnce);
        string stored = Shard.Objects().Single();

        They("cat theirs/f").Should().BeTrue("what he can do here shows that the command is right");
        for (string? place = stored; place != Path.GetDirectoryName(Shard.StoreFolder); place = Path.GetDirectoryName(place))
        {
            They($"ls '{place}'").Should().BeFalse(place);
            They($"cat '{place}'").Should().BeFalse(place);
        }
        // The object itself is open to nobody but its owner and its group, even where the folders are not in the way.
        Shell.Run($"chmod o+x '{Shard.StoreFolder}' && find '{Shard.StoreFolder}' -type d -exec chmod o+rx {{}} +").Should().BeTrue();
        They($"ls '{stored}'").Should().BeTrue();
        They($"cat '{stored}'").Should().BeFalse();
        They($"echo x >> '{stored}'").Should().BeFalse();
        They($"rm -f '{stored}'").Should().BeFalse();
    }

    [Test]
    public async Task Cannot_migrate_verify_import_or_sweep()
    {
        WriteTheirs("theirs/f", 5000);
        WriteTheirs("theirs/stub", 5000);
        StubExport export;
        await using (HsmVolume volume = await Shard.OpenAsync())
        {
            await volume.MakeStubAsync("theirs/stub");
            export = volume.Export("theirs/stub")!;
        }
        NodeChild they = await StartTheirsAsync();

        foreach (string[] words in (string[][])[["archive", "theirs/f"], ["migrate", "theirs/f"], ["release", "theirs/f"], ["sweep"], ["verify", ""],
            ["import", (export with { Path = "theirs/more" }).ToString()]])
            (await ErrorOfAsync(() => they.AskAsync([.. words]))).Should().Contain(nameof(HsmAccessDeniedException), words[0]);

        Shard.Objects().Should().HaveCount(1);
        File.Exists(Shard.PathOf("theirs/more")).Should().BeFalse();
    }

    [Test]
    public async Task Cannot_have_a_forged_record_believed()
    {
        byte[] secret = WriteSecret("secret", 5000);
        WriteTheirs("theirs/f", 5000);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.MakeStubAsync("secret");
        await root.MakeStubAsync("theirs/f");
        StubRecord of = root.GetStatus("secret").Record!;
        NodeChild they = await StartTheirsAsync();

        foreach (byte[] forged in (byte[][])[StubRecordCodec.Encode(of), RecordOf(root, "secret")])
        {
            await they.AskAsync("set-record", "theirs/f", Convert.ToBase64String(forged));
            Func<Task> reading = () => root.ReadAllAsync("theirs/f");
            await reading.Should().ThrowAsync<UntrustedRecordException>();
            (await root.RecallAsync(["theirs/f"])).Failures.Single().Error.Should().BeOfType<UntrustedRecordException>();
            RecordOf(root, "theirs/f").Should().Equal(forged, "nothing was changed");
            File.ReadAllBytes(Shard.PathOf("theirs/f")).Should().NotEqual(secret).And.OnlyContain(b => b == 0);
        }
    }

    [Test]
    public async Task Cannot_remove_another_users_node()
    {
        await using HsmVolume node = await Shard.OpenAsync(new HsmVolumeOptions());
        string file = Directory.EnumerateFiles(Shard.PathOf(".clusterhsm/nodes"), "*.json").Single();
        They($"rm -f '{file}'").Should().BeFalse();
        They($"mv '{file}' theirs/taken").Should().BeFalse();
        They($"echo > '{file}'").Should().BeFalse();
        (await node.ListAsync()).Should().ContainSingle().Which.IsAlive.Should().BeTrue();
    }

    [Test]
    public async Task Cannot_break_the_list_of_nodes()
    {
        byte[] bytes = Shard.Write("victim", 5000);
        string outside = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "outside");
        File.WriteAllText(outside, "{ \"host\": \"out\" }");
        They("cd .clusterhsm/nodes && mkfifo pipe.json && ln -s ../../victim link.json && ln -s /etc/passwd out.json && ln -s ../../../outside beside.json && ln -s gone.json gone.json"
            + " && mkdir folder.json && truncate -s 1T huge.json && printf '{ \\\"host\\\": \\\"\\\\ud800\\\" }' > half.json && printf '{ \\\"host\\\": 5, \\\"polls\\\": 1e999 }' > odd.json"
            + " && printf '[[[[' > torn.json && : > empty.json").Should().BeTrue();
        string[] before = Victims();
        await using HsmVolume node = await Shard.OpenAsync(new HsmVolumeOptions());

        (await node.ListAsync()).Should().ContainSingle(party => party.Host == Environment.MachineName).And.NotContain(party => party.Host == "out");

        Victims().Should().Equal(before);
        File.ReadAllBytes(Shard.PathOf("victim")).Should().Equal(bytes);
        await node.MakeStubAsync("victim");
        (await node.ReadAllAsync("victim")).Should().Equal(bytes);

        string[] Victims() =>
            [Fingerprint.Of("/etc", "passwd"), Fingerprint.Of(Shard.Root, "theirs", "victim"), Fingerprint.Of(Path.GetDirectoryName(outside)!, "outside")];
    }

    [Test]
    public async Task Cannot_have_the_shards_own_files_migrated_through_a_link()
    {
        They("ln -s ../.clusterhsm theirs/d && ln -s ../.clusterhsm/shard.json theirs/f").Should().BeTrue();
        string before = File.ReadAllText(Shard.PathOf(ControlFolder.DescriptorPath));
        await using HsmVolume root = await Shard.OpenAsync();

        foreach (string path in (string[])["theirs/d/shard.json", "theirs/f", "theirs/d/key"])
            (await root.MigrateAsync([path], LocalShard.AtOnce)).Failures.Single().Error.Should().BeOfType<OutsideRootException>();

        Shard.Objects().Should().BeEmpty();
        File.ReadAllText(Shard.PathOf(ControlFolder.DescriptorPath)).Should().Be(before);
    }

    [TestCase("theirs/d/shard.json")]
    [TestCase("theirs/d/key")]
    [TestCase("theirs/f")]
    [TestCase("theirs/../theirs/d/./signal")]
    public async Task Cannot_have_the_shards_own_files_opened_through_a_link(string path)
    {
        They("ln -s ../.clusterhsm theirs/d && ln -s ../.clusterhsm/shard.json theirs/f").Should().BeTrue();
        string before = File.ReadAllText(Shard.PathOf(ControlFolder.DescriptorPath));
        await using HsmVolume root = await Shard.OpenAsync();

        foreach (HsmOpenOptions options in (HsmOpenOptions[])
            [default, new() { StubAccess = StubAccess.StubOnly }, new() { Access = FileAccess.ReadWrite, Mode = FileMode.Create }])
        {
            Func<Task> opening = async () => await root.OpenFileAsync(path, options);
            (await opening.Should().ThrowAsync<OutsideRootException>()).WithMessage("*one of the shard's own files*Remove the link*");
        }

        File.ReadAllText(Shard.PathOf(ControlFolder.DescriptorPath)).Should().Be(before);
    }

    [Test]
    public async Task Cannot_become_the_owner_of_the_signal_by_an_import_through_a_link()
    {
        Directory.CreateDirectory(Shard.PathOf("theirs/d"));
        WriteTheirs("theirs/d/signal", 5000);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.MakeStubAsync("theirs/d/signal");
        StubExport export = root.Export("theirs/d/signal")!;
        Directory.Delete(Shard.PathOf("theirs/d"), recursive: true);
        They("ln -s ../.clusterhsm theirs/d").Should().BeTrue();

        (await root.ImportAsync([export], LocalShard.AtOnce)).Failures.Single().Error.Should().BeOfType<OutsideRootException>();

        root.Shard.GetInfo(ControlFolder.SignalPath)!.Value.Should().BeEquivalentTo(new { UserId = 0u, Size = 0L });
    }

    [TestCase("mkdir .clusterhsm")]
    [TestCase("mkdir .clusterhsm && : > .clusterhsm/signal && : > .clusterhsm/quiesce && mkdir .clusterhsm/nodes && echo x > .clusterhsm/shard.json.new")]
    public void Cannot_prepare_a_control_folder_for_who_makes_the_shard(string preparation)
    {
        using LocalShard future = new(isMade: false);
        File.SetUnixFileMode(Path.GetDirectoryName(future.Root)!, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(future.Root, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);
        Shell.Run($"cd '{future.Root}' && exec setpriv --reuid {Other} --regid {Other} --clear-groups sh -c '{preparation}'").Should().BeTrue();

        Action making = () => HsmShard.Initialize(future.Root, new Uri(future.StoreFolder), new ShardInitializeOptions { SignRecords = true });

        making.Should().Throw<HsmAlreadyExistsException>().Which.Cause.Should().Contain($"the user {Other}");
        File.Exists(future.PathOf(ControlFolder.DescriptorPath)).Should().BeFalse();
        Directory.Delete(future.PathOf(".clusterhsm"), recursive: true);
        making.Should().NotThrow();
    }

    [Test]
    public async Task Can_read_a_stub_through_without_the_key_but_not_recall_it()
    {
        byte[] bytes = WriteTheirs("theirs/f", 5000);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.MakeStubAsync("theirs/f");
        NodeChild they = await StartTheirsAsync();
        byte[] record = RecordOf(root, "theirs/f");

        (await ErrorOfAsync(() => they.AskAsync("read-all", "theirs/f"))).Should().StartWith("error", "without the store there are no bytes");
        Shell.Run($"chmod -R o+rX '{Shard.StoreFolder}'").Should().BeTrue();
        NodeChild now = await StartTheirsAsync();
        (await now.AskAsync("read-all", "theirs/f")).Should().Be(NodeChild.Read(bytes));
        (await ErrorOfAsync(() => now.AskAsync("open", "h", "theirs/f", "rw"))).Should().Contain(nameof(HsmAccessDeniedException)).And.Contain(".clusterhsm/key");
        (await now.AskAsync("recall", "theirs/f")).Should().Contain("failed=1");

        RecordOf(root, "theirs/f").Should().Equal(record);
        root.GetStatus("theirs/f").State.Should().Be(FileState.Released);
    }

    [Test]
    public async Task Can_hold_up_migrations_by_a_lock_on_the_signal()
    {
        byte[] bytes = Shard.Write("f", 5000);
        NodeChild they = await StartTheirsAsync();
        (await they.AskAsync("lock", ControlFolder.SignalPath, ShardOpenOptions.Read, LockKind.Shared, 0, 4096)).Should().Be("Granted");
        await using HsmVolume root = await Shard.OpenAsync();
        MigrationOptions impatient = LocalShard.AtOnce with { Handover = new HandoverOptions { SignalTimeout = TimeSpan.FromMilliseconds(300) } };

        Func<Task> migrating = () => root.MigrateAsync(["f"], impatient);

        await migrating.Should().ThrowAsync<HandoverTimeoutException>();
        File.ReadAllBytes(Shard.PathOf("f")).Should().Equal(bytes);
        await they.KillAsync();
        await root.MakeStubAsync("f");
    }

    [Test]
    public async Task Can_hold_up_one_file_that_he_may_read()
    {
        Shard.Write("f", 5000);
        Shard.Write("g", 5000);
        File.SetUnixFileMode(Shard.PathOf("f"), ReadableByAll);
        await using HsmVolume root = await Shard.OpenAsync();
        NodeChild they = await StartTheirsAsync();
        (await they.AskAsync("lock", "f", ShardOpenOptions.Read, LockKind.Shared, root.Descriptor.FileLockOffset, 2)).Should().Be("Granted");

        MigrationSummary summary = await root.MigrateAsync(["f", "g"], LocalShard.AtOnce);

        (root.GetStatus("f").IsStub, summary.Failed).Should().Be((false, 0L), "it is skipped, and the other is not");
        await root.MakeStubAsync("g");
        await they.KillAsync();
        await root.MakeStubAsync("f");
    }

    [Test]
    public async Task Can_hold_up_the_recall_of_one_file_that_he_may_read()
    {
        byte[] bytes = Shard.Write("f", 5000), others = Shard.Write("g", 5000);
        File.SetUnixFileMode(Shard.PathOf("f"), ReadableByAll);
        await using HsmVolume root = await Shard.OpenAsync(LocalShard.OutsideTheCluster with { LockTimeout = TimeSpan.FromMilliseconds(300) });
        await root.MakeStubsAsync(["f", "g"]);
        NodeChild they = await StartTheirsAsync();
        (await they.AskAsync("lock", "f", ShardOpenOptions.Read, LockKind.Shared, root.Descriptor.FileLockOffset, 2)).Should().Be("Granted");

        (await root.RecallAsync(["f", "g"])).Should().BeEquivalentTo(new { Recalled = 1L, Failed = 1L });
        Func<Task> reading = () => root.ReadAllAsync("f");
        await reading.Should().ThrowAsync<HsmException>();

        (root.GetStatus("f").State, root.GetStatus("g").State).Should().Be((FileState.Released, FileState.Archived));
        File.ReadAllBytes(Shard.PathOf("g")).Should().Equal(others);
        await they.KillAsync();
        (await root.ReadAllAsync("f")).Should().Equal(bytes, "nothing is lost by it");
    }

    [Test]
    public async Task Can_stop_a_sweep_by_a_record_that_cannot_be_believed()
    {
        WriteTheirs("theirs/f", 5000);
        Shard.Write("gone", 5000);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.ArchiveAsync(["gone"], LocalShard.AtOnce);
        File.Delete(Shard.PathOf("gone"));
        SweepOptions atOnce = new() { SettleTime = TimeSpan.Zero };
        (await root.SweepAsync(atOnce)).Should().BeEquivalentTo(new { Orphans = 1L, Due = 0L });
        Shard.LetOrphansAge(TimeSpan.FromDays(30));
        NodeChild they = await StartTheirsAsync();
        await they.AskAsync("set-record", "theirs/f", Convert.ToBase64String("garbage"u8));

        SweepSummary swept = await root.SweepAsync(atOnce);

        swept.Gaps.Single().Path.Should().Be(Shard.PathOf("theirs/f"), "whoever sweeps is told whose file it is");
        Shard.Objects().Should().ContainSingle("the orphan is overdue, and it stays");
        (await they.AskAsync("remove-record", "theirs/f")).Should().Be("removed");
        (await root.SweepAsync(atOnce)).Should().BeEquivalentTo(new { IsComplete = true, Due = 1L });
        Shard.Objects().Should().BeEmpty();
    }

    [Test]
    public async Task Can_pretend_to_be_a_node()
    {
        They("printf '{ \\\"host\\\": \\\"elsewhere\\\", \\\"processName\\\": \\\"db\\\" }' > .clusterhsm/nodes/fake.json").Should().BeTrue();
        await using HsmVolume root = await Shard.OpenAsync();
        NodeChild they = await StartTheirsAsync();
        (await they.AskAsync("lock", ".clusterhsm/nodes/fake.json", ShardOpenOptions.ReadWrite, LockKind.Exclusive, root.Descriptor.FileLockOffset, 2)).Should().Be("Granted");

        (await root.ListAsync()).Should().ContainSingle(node => node.Host == "elsewhere" && node.IsAlive && node.HoldsQuiesce);

        Shard.Write("f", 5000);
        await root.MakeStubAsync("f");
    }

    [Test]
    public async Task Can_throw_away_the_record_of_his_own_file_and_of_no_other()
    {
        WriteTheirs("theirs/f", 5000);
        Shard.Write("f", 5000);
        File.SetUnixFileMode(Shard.PathOf("f"), ReadableByAll);
        await using HsmVolume root = await Shard.OpenAsync();
        await root.MakeStubAsync("theirs/f");
        await root.MakeStubAsync("f");

        NodeChild they = await StartTheirsAsync();
        (await they.AskAsync("remove-record", "f")).Should().Be("EACCES");
        (await they.AskAsync("remove-record", "theirs/f")).Should().Be("removed");

        (root.GetStatus("f").State, root.GetStatus("theirs/f").State).Should().Be((FileState.Released, FileState.Regular));
        Shard.Objects().Should().HaveCount(2, "the data is in the store until a sweep's grace time is over");
    }
}

internal static class Parties
{
    public static Task<IReadOnlyList<NodeInfo>> ListAsync(this HsmVolume volume) => Task.Run(() => NodeRegistry.List(volume.Shard, volume.Descriptor));
}
