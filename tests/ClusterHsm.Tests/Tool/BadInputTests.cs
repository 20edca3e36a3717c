using System.Text;
using System.Text.RegularExpressions;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Bad input: an exit code of its own, one line that names path, cause and remedy, and nothing changed on disk.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class BadInputTests : ToolFixture
{
    private static readonly string[] OnFiles = ["status", "migrate", "recall", "cat", "pin", "unpin"];

    [TestCaseSource(nameof(OnFiles))]
    [TestCase("nodes")]
    [TestCase("verify")]
    public async Task A_path_that_is_on_no_shard_is_10(string command)
    {
        string folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        try
        {
            string file = Path.Combine(folder, "f");
            await File.WriteAllTextAsync(file, "text");

            ToolResult result = await ToolProcess.RunAsync(command, file);

            ShouldBe(result, HsmError.NotAShard, file, "root of a shard", "clusterhsm init");
            Directory.EnumerateFileSystemEntries(folder).Should().Equal(file);
            (await File.ReadAllTextAsync(file)).Should().Be("text");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCaseSource(nameof(OnFiles))]
    [TestCase("export")]
    [TestCase("verify")]
    [TestCase("nodes")]
    [TestCase("watch --count 1", "")]
    [TestCase("doctor", "")]
    [TestCase("sweep", "")]
    [TestCase("import", "")]
    [TestCase("init --store file:///tmp/another", "")]
    public async Task A_shard_of_a_newer_format_is_11(string command, string name = "f")
    {
        Shard.Write("f", 5000);
        string[] before = await SnapshotAsync();
        string descriptor = Shard.PathOf(".clusterhsm/shard.json");
        string now = await File.ReadAllTextAsync(descriptor);
        await File.WriteAllTextAsync(descriptor, Regex.Replace(now, "\"format\":\\s*[0-9]+", "\"format\": 99"));

        ToolResult result = await ToolProcess.RunAsync([.. command.Split(' '), Shard.PathOf(name)]);

        // The doctor names what was examined.
        ShouldBe(result, HsmError.NewerFormat, command == "doctor" ? Shard.Root : descriptor, "its format is 99", "newer");
        await File.WriteAllTextAsync(descriptor, now);
        (await SnapshotAsync()).Should().Equal(before);
    }

    [TestCase("migrate")]
    [TestCase("recall")]
    [TestCase("cat")]
    [TestCase("cat --read-through")]
    [TestCase("verify")]
    public async Task A_store_that_is_gone_is_12_and_all_works_once_it_is_back(string command)
    {
        byte[] bytes = Shard.Write("stub", 5000);
        await MigrateAsync("stub");
        string[] before = await SnapshotAsync();
        Directory.Move(Shard.StoreFolder, Shard.StoreFolder + ".away");

        ToolResult result = await ToolProcess.RunAsync([.. command.Split(' '), Shard.PathOf("stub")]);

        ShouldBe(result, HsmError.StoreUnavailable, Shard.StoreFolder);
        Directory.Move(Shard.StoreFolder + ".away", Shard.StoreFolder);
        (await SnapshotAsync()).Should().Equal(before);
        (await ReadAsync("stub")).Should().Equal(bytes);
    }

    [TestCase("recall")]
    [TestCase("migrate")]
    public async Task A_store_that_is_gone_is_said_once_and_not_for_each_file(string command)
    {
        string[] names = [.. Enumerable.Range(0, 20).Select(i => $"d/{i}")];
        foreach (string name in names)
            Shard.Write(name, 5000);
        await MigrateAsync(names);
        Shard.Write("d/regular", 5000);
        Directory.Delete(Shard.StoreFolder, recursive: true);

        ToolResult result = await ToolProcess.RunAsync(command, "-r", Shard.Root);

        ShouldBe(result, HsmError.StoreUnavailable, Shard.StoreFolder);
    }

    [Test]
    public async Task A_path_by_way_of_a_link_into_a_folder_of_the_shard_is_on_the_shard()
    {
        byte[] bytes = Shard.Write("d/f", 5000);
        string link = Shard.Root + ".link";
        Directory.CreateSymbolicLink(link, Shard.PathOf("d"));
        try
        {
            (await ToolProcess.RunAsync("pin", Path.Combine(link, "f"))).End.Should().Be(Done);
            (await StatusAsync("d/f")).IsPinned.Should().BeTrue();
            (await ToolProcess.RunAsync("unpin", "-r", link)).End.Should().Be(Done);
            (await StatusAsync("d/f")).IsPinned.Should().BeFalse();
            await using HsmVolume volume = await Shard.OpenAsync();
            (await volume.ReadAllAsync(Path.Combine(link, "f"))).Should().Equal(bytes);
        }
        finally
        {
            File.Delete(link);
        }
    }

    [TestCase("pin")]
    [TestCase("unpin")]
    public async Task The_shards_own_files_are_not_pinned(string command)
    {
        Directory.CreateSymbolicLink(Shard.PathOf("way"), ".clusterhsm");

        ShouldBe(await ToolProcess.RunAsync(command, Shard.PathOf(".clusterhsm/signal")), HsmError.OutsideRoot, Shard.PathOf(".clusterhsm/signal"), "shard's own files");
        ShouldBe(await ToolProcess.RunAsync(command, Shard.PathOf("way/signal")), HsmError.OutsideRoot, Shard.PathOf("way/signal"), "shard's own files");
    }

    [TestCase("status f")]
    [TestCase("init f --store file:///nowhere")]
    public async Task A_relative_path_from_a_folder_that_is_gone_is_23(string command)
    {
        ToolResult result = await ToolProcess.RunScriptAsync($"cd \"$1\"; rmdir \"$1\"; clusterhsm {command}", Directory.CreateDirectory(Shard.PathOf("gone")).FullName);

        ShouldBe(result, HsmError.NotFound, "f", "current folder", "absolute path");
    }

    [Test]
    public async Task A_migration_of_data_to_a_store_that_is_gone_is_12_and_leaves_the_data()
    {
        byte[] bytes = Shard.Write("f", 5000);
        string[] before = await SnapshotAsync();
        Directory.Move(Shard.StoreFolder, Shard.StoreFolder + ".away");

        ToolResult result = await ToolProcess.RunAsync("migrate", Shard.PathOf("f"));

        ShouldBe(result, HsmError.StoreUnavailable, Shard.StoreFolder);
        Directory.Exists(Shard.StoreFolder).Should().BeFalse("nothing is put where the store was mounted");
        Directory.Move(Shard.StoreFolder + ".away", Shard.StoreFolder);
        (await SnapshotAsync()).Should().Equal(before);
        (await File.ReadAllBytesAsync(Shard.PathOf("f"))).Should().Equal(bytes);
    }

    [TestCaseSource(nameof(OnFiles))]
    public async Task A_file_without_permission_is_13(string command)
    {
        await RequireNobodyAsync();
        Shard.Write("stub", 5000);
        await MigrateAsync("stub");
        File.SetUnixFileMode(Shard.PathOf("stub"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunAsNobodyAsync(command, Shard.PathOf("stub"));

        // Whoever migrates is first asked whether he is a migrator.
        if (command == "migrate")
            ShouldBe(result, HsmError.AccessDenied, Shard.PathOf(".clusterhsm/signal"), "write permission", "run as a user");
        else
            ShouldBe(result, HsmError.AccessDenied, Shard.PathOf("stub"), "permission is missing", "Run as a user");
        (await SnapshotAsync()).Should().Equal(before);
    }

    [Test]
    public async Task A_folder_that_may_not_be_searched_is_13_and_not_taken_for_no_shard()
    {
        await RequireNobodyAsync();
        Shard.Write("d/f", 5000);
        File.SetUnixFileMode(Shard.PathOf("d"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        ShouldBe(await ToolProcess.RunAsNobodyAsync("status", Shard.PathOf("d/f")), HsmError.AccessDenied, Shard.PathOf("d"), "ermi");
        ShouldBe(await ToolProcess.RunAsNobodyAsync("status", "-r", Shard.Root), HsmError.AccessDenied, Shard.PathOf("d"), "ermi");
        File.SetUnixFileMode(Shard.Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ShouldBe(await ToolProcess.RunAsNobodyAsync("status", Shard.PathOf("d/f")), HsmError.AccessDenied, Shard.Root, "searched");
    }

    [TestCase("f")]
    [TestCase("f --recursive")]
    public async Task A_file_on_another_device_is_14(string file)
    {
        RequireRoot("mount a file system");
        Directory.CreateDirectory(Shard.PathOf("other"));
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunMountScriptAsync($"""
            mount -t tmpfs tmpfs "$1"
            printf text > "$1/f"
            code=0; clusterhsm migrate "$1"/{file} || code=$?
            printf '%s' "$(cat "$1/f")"
            exit $code
            """, Shard.PathOf("other"));

        ShouldBe(result, HsmError.OtherDevice, Shard.PathOf("other/f"), "another device", "shard of its own");
        result.Output.Should().EndWith("text");
        (await SnapshotAsync()).Should().Equal(before);
    }

    [TestCase("migrate")]
    [TestCase("migrate --dry-run")]
    [TestCase("migrate -r")]
    [TestCase("recall")]
    [TestCase("cat")]
    [TestCase("cat --read-through")]
    [TestCase("verify")]
    [TestCase("status")]
    [TestCase("status -r")]
    [TestCase("status --json")]
    [TestCase("pin")]
    [TestCase("pin -r")]
    [TestCase("unpin")]
    public async Task A_record_that_is_garbage_is_15(string command)
    {
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        if (command is "unpin")
            await PinAsync("f");
        await SetAttributeAsync("f", StubRecord.AttributeName, Encoding.UTF8.GetBytes("{ no record"));
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunAsync([.. command.Split(' '), Shard.PathOf("f")]);

        ShouldBe(result, HsmError.InvalidRecord, Shard.PathOf("f"), "record", "estore");
        if (command.StartsWith("status", StringComparison.Ordinal))
            result.Output.Should().Contain("damaged", "it is shown all the same");
        (await SnapshotAsync()).Should().Equal(before);
    }

    [Test]
    public async Task An_export_of_a_record_that_is_garbage_is_15_and_the_others_are_exported()
    {
        Shard.Write("f", 5000);
        Shard.Write("good", 5000);
        await MigrateAsync("f", "good");
        await SetAttributeAsync("f", StubRecord.AttributeName, Encoding.UTF8.GetBytes("{ no record"));

        ToolResult result = await ToolProcess.RunAsync("export", "-r", Shard.Root);

        result.ExitCode.Should().Be((int)HsmError.InvalidRecord);
        result.Errors.Should().Contain($"clusterhsm: {Shard.PathOf("f")}: its record cannot be believed");
        result.Lines.Should().ContainSingle().Which.Should().Contain("\"good\"");
    }

    [TestCase("")]
    [TestCase("--dry-run")]
    public async Task A_sweep_that_meets_a_record_that_is_garbage_is_15_and_deletes_nothing(string option)
    {
        Shard.Write("gone", 5000);
        Shard.Write("f", 5000);
        await MigrateAsync("gone", "f");
        File.Delete(Shard.PathOf("gone"));
        (await ToolProcess.RunAsync("sweep", Shard.Root)).End.Should().Be(Done);
        Shard.LetOrphansAge(TimeSpan.FromDays(8));
        await SetAttributeAsync("f", StubRecord.AttributeName, Encoding.UTF8.GetBytes("{ no record"));
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunAsync([.. ((string[])["sweep", option, Shard.Root]).Where(word => word.Length > 0)]);

        ShouldBe(result, HsmError.InvalidRecord, Shard.PathOf("f"), "its record cannot be believed", "Nothing was deleted", "sweep again");
        Shard.Objects().Should().HaveCount(2);
        (await SnapshotAsync()).Should().Equal(before);
    }

    [TestCaseSource(nameof(OnFiles))]
    [TestCase("status -r")]
    [TestCase("migrate --recursive")]
    [TestCase("verify")]
    public async Task A_file_that_is_not_there_is_23(string command)
    {
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunAsync([.. command.Split(' '), Shard.PathOf("d/gone")]);

        ShouldBe(result, HsmError.NotFound, Shard.PathOf("d/gone"), "no such file", "Check the path");
        (await SnapshotAsync()).Should().Equal(before);
    }

    [TestCase("migrate")]
    [TestCase("recall")]
    [TestCase("pin")]
    public async Task A_read_only_mount_is_25(string command)
    {
        RequireRoot("mount a file system");
        Shard.Write("stub", 5000);
        Shard.Write("regular", 5000);
        await MigrateAsync("stub");
        string[] before = await SnapshotAsync();
        string file = Shard.PathOf(command is "migrate" ? "regular" : "stub");

        ToolResult result = await ToolProcess.RunMountScriptAsync($"""
            mount --bind "$1" "$1"
            mount -o remount,bind,ro "$1"
            clusterhsm {command} "$2"
            """, Shard.Root, file);

        ShouldBe(result, HsmError.ReadOnly, Shard.Root, "read-only");
        (await SnapshotAsync()).Should().Equal(before);
    }

    [Test]
    public async Task A_read_only_mount_shows_status_and_serves_stubs_from_the_store()
    {
        RequireRoot("mount a file system");
        Shard.Write("stub", 5000);
        await MigrateAsync("stub");

        ToolResult result = await ToolProcess.RunMountScriptAsync("""
            mount --bind "$1" "$1"
            mount -o remount,bind,ro "$1"
            clusterhsm status "$2" > /dev/null
            clusterhsm cat "$2" | wc -c
            """, Shard.Root, Shard.PathOf("stub"));

        (result.End, result.Output.Trim()).Should().Be((Done, "5000"));
        (await StateAsync("stub")).Should().Be(FileState.Released);
    }

    [TestCase("status")]
    [TestCase("status -r")]
    [TestCase("migrate")]
    [TestCase("recall")]
    [TestCase("cat")]
    [TestCase("pin")]
    public async Task A_path_through_a_link_out_of_the_shard_is_26(string command)
    {
        string outside = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Shard.Root)!, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "f"), "text");
        File.CreateSymbolicLink(Shard.PathOf("link"), outside);
        string[] before = await SnapshotAsync();

        ToolResult result = await ToolProcess.RunAsync([.. command.Split(' '), Shard.PathOf("link/f")]);

        ShouldBe(result, HsmError.OutsideRoot, Shard.PathOf("link/f"), "out of the shard");
        (await SnapshotAsync()).Should().Equal(before);
        (await File.ReadAllTextAsync(Path.Combine(outside, "f"))).Should().Be("text");
    }

    [TestCase("status d", "d", "it is a folder. Take all files in it with --recursive.")]
    [TestCase("migrate .", "", "it is a folder. Take all files in it with --recursive.")]
    [TestCase("status pipe", "pipe", "it is not a regular file. Name a regular file.")]
    [TestCase("status -r pipe", "pipe", "it is neither a regular file nor a folder. Name a regular file, or a folder of them.")]
    [TestCase("verify pipe", "pipe", "it is neither a regular file nor a folder. Name a regular file, or a folder of them.")]
    [TestCase("cat d", "d", "it is a folder. Name a regular file in it.")]
    [TestCase("cat .", "", "it is a folder. Name a regular file in it.")]
    [TestCase("cat pipe", "pipe", "it is a device, a pipe or a socket. Name a regular file.")]
    public async Task What_is_no_regular_file_is_30_with_a_way_out_that_the_command_has(string command, string name, string words)
    {
        Shard.Write("d/f", 10);
        Syscall.mkfifo(Shard.PathOf("pipe"), FilePermissions.DEFFILEMODE).Should().Be(0);

        ToolResult result = await ToolProcess.RunScriptAsync($"cd \"$1\"; clusterhsm {command}", Shard.Root);

        result.End.Should().Be((30, $"clusterhsm: {Shard.PathOf(name).TrimEnd('/')}: {words}\n"));
    }

    [Test]
    public async Task Making_a_shard_twice_is_28()
    {
        string[] before = await SnapshotAsync();
        string store = Shard.StoreFolder + ".second";

        ToolResult result = await ToolProcess.RunAsync("init", Shard.Root, "--store", "file://" + store);

        ShouldBe(result, HsmError.AlreadyExists, Shard.Root, "a shard already", "shard.json");
        (await SnapshotAsync()).Should().Equal(before);
        Directory.Exists(store).Should().BeFalse();
    }

    [TestCase("gone", "file:///tmp/store", HsmError.NotFound)]
    [TestCase("", "s3://bucket/store", HsmError.StoreUnavailable)]
    [TestCase("", "file://host/store", HsmError.StoreUnavailable)]
    public async Task Making_a_shard_of_what_cannot_be_one_is_told_and_leaves_nothing(string name, string store, HsmError error)
    {
        string root = Path.Combine(Directory.CreateTempSubdirectory("clusterhsm-").FullName, name);

        ToolResult result = await ToolProcess.RunAsync("init", root, "--store", store);

        ShouldBe(result, error, error == HsmError.NotFound ? root : store);
        if (name.Length == 0)
            Directory.EnumerateFileSystemEntries(root).Should().BeEmpty();
        Directory.Delete(name.Length == 0 ? root : Path.GetDirectoryName(root)!, recursive: true);
    }

    [Test]
    public async Task Failures_of_several_kinds_are_1_and_each_has_its_line()
    {
        Shard.Write("good", 5000);

        ToolResult several = await ToolProcess.RunAsync("status", "--json", Shard.PathOf("gone"), "/nowhere", Shard.PathOf("good"));
        ToolResult same = await ToolProcess.RunAsync("status", Shard.PathOf("gone"), Shard.PathOf("gone too"));

        several.ExitCode.Should().Be(1);
        several.Errors.Split('\n').Should().HaveCount(3).And.Contain(line => line.Contains("/nowhere")).And.Contain(line => line.Contains(Shard.PathOf("gone")));
        several.Objects.Where(line => line.TryGetProperty("state", out _)).Should().ContainSingle("the good file is shown all the same");
        same.ExitCode.Should().Be((int)HsmError.NotFound);
    }

    /// <summary>'nobody' must get as far as the shard, and the command must run for it.</summary>
    private async Task RequireNobodyAsync()
    {
        RequireRoot("become another user");
        File.SetUnixFileMode(Path.GetDirectoryName(Shard.Root)!, (UnixFileMode)0b111_101_101);
        if ((await ToolProcess.RunAsNobodyAsync("--version")).ExitCode != 0)
            Assert.Ignore("the user 'nobody' cannot run the command: the folder of the build is closed to it");
    }

    private static void ShouldBe(ToolResult result, HsmError error, params string[] parts)
    {
        result.ExitCode.Should().Be((int)error, result.Errors);
        result.Errors.Should().MatchRegex("^clusterhsm: .+: .+\\. .+\\.\n$", "path, cause and remedy are one line").And.ContainAll(parts);
    }
}
