using System.Runtime.InteropServices;
using System.Text;
using ClusterHsm.FileSystem;
using FluentAssertions;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public partial class LinuxFileTests
{
    private LinuxTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new LinuxTestFolder();

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public void What_is_written_is_read()
    {
        IShardFile file = _folder.Open("file");
        file.Write("hello"u8, 100_000);

        byte[] buffer = new byte[10];
        file.Read(buffer, 99_998).Should().Be(7);
        buffer.Should().Equal([0, 0, .. "hello"u8, 0, 0, 0]);
        file.Read(buffer, 100_005).Should().Be(0);
        file.Read(buffer, long.MaxValue - 10).Should().Be(0);
        file.Read([], 0).Should().Be(0);
        file.GetInfo().Size.Should().Be(100_005);
    }

    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.Write)]
    public void A_handle_does_only_what_it_was_opened_for(ShardOpenOptions how)
    {
        _folder.Write("file", "x");
        IShardFile file = _folder.Open("file", how);

        Action[] wrong = how == ShardOpenOptions.Write
            ? [() => file.Read(new byte[1], 0)]
            : [() => file.Write("y"u8, 0), () => file.SetLength(0), () => file.PunchHole(0, 1)];

        foreach (Action action in wrong)
            action.Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.AccessDenied);
        file.CanWrite.Should().Be(how == ShardOpenOptions.Write);
    }

    [Test]
    [CancelAfter(30_000)]
    public void A_pipe_does_not_hang_the_open_and_is_refused()
    {
        MakeFifo(_folder.PathOf("pipe"), 0x1B6).Should().Be(0);

        foreach (ShardOpenOptions how in (ShardOpenOptions[])[ShardOpenOptions.Read, ShardOpenOptions.Write, ShardOpenOptions.ReadWrite])
        {
            FluentActions.Invoking(() => _folder.Shard.Open("pipe", how))
                .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotARegularFile);
        }
        FluentActions.Invoking(() => _folder.Shard.ReadAttribute("pipe", "user.x"))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotARegularFile);
        _folder.Shard.GetInfo("pipe")!.Value.Type.Should().Be(ShardEntryType.Other);
    }

    [TestCase(ShardOpenOptions.Read)]
    [TestCase(ShardOpenOptions.ReadWrite)]
    public void A_directory_is_not_opened(ShardOpenOptions how)
    {
        Directory.CreateDirectory(_folder.PathOf("folder"));

        FluentActions.Invoking(() => _folder.Shard.Open("folder", how))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotARegularFile);
    }

    [Test]
    public void A_failure_names_the_file_and_the_reason()
    {
        ShardIOException failure = FluentActions.Invoking(() => _folder.Shard.Open("none", ShardOpenOptions.Read))
            .Should().Throw<ShardIOException>().Which;

        failure.Error.Should().Be(ShardError.NotFound);
        failure.NativeError.Should().Be(2);
        failure.Message.Should().Be($"Cannot open '{_folder.PathOf("none")}': there is nothing of this name.");
    }

    [Test]
    public void Opening_takes_no_lock_of_any_kind()
    {
        _folder.Write("file", "x");
        IShardFile file = _folder.Open("file", ShardOpenOptions.ReadWrite);
        file.Handle!.IsInvalid.Should().BeFalse();

        using FileStream alone = File.Open(_folder.PathOf("file"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        LinuxTestFolder.Read(file).Should().Be("x");
    }

    [Test]
    public void The_descriptor_works_with_RandomAccess_and_FileStream_and_ends_with_the_file()
    {
        IShardFile file = _folder.Open("file");
        file.Write("content"u8, 0);
        byte[] buffer = new byte[7];

        SafeFileHandle handle = file.Handle!;
        RandomAccess.Read(handle, buffer, 0).Should().Be(7);
        using (FileStream stream = new(handle, FileAccess.Read))
        {
            using StreamReader reader = new(stream);
            reader.ReadToEnd().Should().Be("content");
        }
        LinuxTestFolder.Read(file).Should().Be("content", "closing the stream closes the duplicate only");

        handle = file.Handle!;
        handle.IsClosed.Should().BeFalse();
        file.Dispose();
        handle.IsClosed.Should().BeTrue();
    }

    [Test]
    public void A_call_after_the_end_is_refused_and_never_reaches_another_file()
    {
        IShardFile file = _folder.Open("file");
        file.Dispose();
        _folder.Open("other").Write("other"u8, 0);

        FluentActions.Invoking(() => file.Read(new byte[5], 0)).Should().Throw<ObjectDisposedException>();
        file.Dispose();
    }

    [Test]
    public void A_punched_file_keeps_its_size_frees_all_of_its_blocks_and_reads_as_zeros()
    {
        IShardFile file = _folder.Open("file");
        byte[] data = new byte[1_000_001];
        Random.Shared.NextBytes(data);
        file.Write(data, 0);
        file.Flush();
        file.GetInfo().AllocatedBytes.Should().BeGreaterThanOrEqualTo(data.Length);

        file.PunchHole(0, data.Length);
        file.Flush();

        file.GetInfo().Size.Should().Be(data.Length);
        file.GetInfo().AllocatedBytes.Should().BeLessThanOrEqualTo(4096, "a block of bookkeeping may stay, as on a GlusterFS brick");
        file.Read(data, 0).Should().Be(data.Length);
        data.Should().OnlyContain(b => b == 0);
        file.TryFindData(0, out _, out _).Should().BeFalse("the last block, filled in part, is freed too");
    }

    [Test]
    public void A_hole_in_the_middle_leaves_the_rest()
    {
        IShardFile file = _folder.Open("file");
        file.Write(Enumerable.Repeat((byte)7, 3 * 65536).ToArray(), 0);

        file.PunchHole(65536, 65536);

        file.TryFindData(0, out long start, out long end).Should().BeTrue();
        (start, end).Should().Be((0, 65536));
        file.TryFindData(65536, out start, out end).Should().BeTrue();
        (start, end).Should().Be((131072, 196608));
        file.TryFindData(196608, out _, out _).Should().BeFalse();
        file.PunchHole(0, 0);
        file.TryFindData(0, out start, out _).Should().BeTrue();
    }

    [Test]
    public void Times_are_kept_to_the_nanosecond()
    {
        IShardFile file = _folder.Open("file");
        ShardTimestamp accessed = new(1_000_000_000, 123_456_789);
        ShardTimestamp modified = new(-5, 999_999_999);

        file.SetTimes(accessed, modified);

        file.GetInfo().Accessed.Should().Be(accessed);
        file.GetInfo().Modified.Should().Be(modified);
        ShardTimestamp now = file.Touch();
        file.GetInfo().Modified.Should().Be(now);
        now.Should().BeGreaterThan(accessed);
    }

    [Test]
    public void Permissions_are_set_and_an_owner_that_is_already_right_needs_no_privilege()
    {
        IShardFile file = _folder.Open("file");
        ShardFileInfo before = file.GetInfo();

        file.SetOwnership(UnixFileMode.UserRead | UnixFileMode.SetUser, before.UserId, before.GroupId);

        file.GetInfo().Mode.Should().Be(UnixFileMode.UserRead | UnixFileMode.SetUser);
    }

    [Test]
    public void Another_owner_is_set_by_root_and_refused_to_others()
    {
        IShardFile file = _folder.Open("file");
        ShardFileInfo before = file.GetInfo();
        Action change = () => file.SetOwnership(UnixFileMode.UserRead, 12345, 12345);

        if (Environment.IsPrivilegedProcess)
        {
            change();
            file.GetInfo().UserId.Should().Be(12345);
        }
        else
        {
            change.Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.AccessDenied);
            file.GetInfo().Mode.Should().Be(before.Mode, "nothing is changed by half");
        }
    }

    [Test]
    public void Attributes_come_and_go()
    {
        IShardFile file = OpenForAttributes();
        byte[] value = Encoding.UTF8.GetBytes(new string('v', 700));
        byte[] buffer = new byte[2000];

        file.ReadAttribute("user.test", buffer).Should().Be(-1);
        _folder.Shard.ReadAttribute("file", "user.test").Should().BeNull();
        file.RemoveAttribute("user.test").Should().BeFalse();
        file.WriteAttribute("user.test", value);
        file.ReadAttribute("user.test", buffer).Should().Be(700);
        _folder.Shard.ReadAttribute("file", "user.test").Should().Equal(value);
        foreach (int room in (int[])[0, 1, 699])
        {
            FluentActions.Invoking(() => file.ReadAttribute("user.test", buffer.AsSpan(0, room)))
                .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.TooLarge);
        }
        file.WriteAttribute("user.test", []);
        file.ReadAttribute("user.test", []).Should().Be(0);
        _folder.Shard.ReadAttribute("file", "user.test").Should().BeEmpty();
        file.RemoveAttribute("user.test").Should().BeTrue();
        file.ReadAttribute("user.test", buffer).Should().Be(-1);
    }

    [Test]
    public void A_long_attribute_is_read_whole_by_the_path_too()
    {
        IShardFile file = OpenForAttributes();
        byte[] value = [.. Enumerable.Range(0, 3000).Select(i => (byte)i)]; // more than is usual, and less than the block that ext4 has for them

        file.WriteAttribute("user.test", value);

        _folder.Shard.ReadAttribute("file", "user.test").Should().Equal(value);
    }

    [Test]
    public void An_attribute_that_the_file_system_does_not_keep_is_not_supported() =>
        FluentActions.Invoking(() => _folder.Open("file").WriteAttribute("nonsense.name", "x"u8))
            .Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotSupported);

    [TestCase("", 1)]
    [TestCase("user.\0", 1)]
    [TestCase("0123456789abcdef", 16)]
    [TestCase("é", 128)]
    public void A_name_that_no_attribute_has_is_an_argument_error(string part, int times)
    {
        string name = string.Concat(Enumerable.Repeat(part, times));
        FluentActions.Invoking(() => _folder.Open("file").ReadAttribute(name, new byte[1])).Should().Throw<ArgumentException>();
    }

    [Test]
    public void What_is_mounted_below_the_root_is_on_another_device()
    {
        using IShardFileSystem everything = ShardFileSystem.Open("/");
        using IShardFile elsewhere = everything.Open("proc/self/status", ShardOpenOptions.Read);

        elsewhere.Identity.OnShardDevice.Should().BeFalse();
        LinuxTestFolder.Read(elsewhere).Should().StartWith("Name:");
        everything.GetInfo("proc/self/status")!.Value.Identity.OnShardDevice.Should().BeFalse();
        everything.GetInfo("")!.Value.Identity.OnShardDevice.Should().BeTrue();
    }

    [Test]
    public void A_root_that_is_no_directory_is_refused_by_name()
    {
        _folder.Write("file", "x");

        FluentActions.Invoking(() => ShardFileSystem.Open(_folder.PathOf("none"))).Should().Throw<ShardIOException>()
            .WithMessage($"Cannot open the shard '{_folder.PathOf("none")}': there is nothing of this name.");
        FluentActions.Invoking(() => ShardFileSystem.Open(_folder.PathOf("file"))).Should().Throw<ShardIOException>()
            .Which.Error.Should().Be(ShardError.NotARegularFile);
        ShardFileSystem.Open(_folder.Root + "//").Dispose();
    }

    [Test]
    public void Advice_never_fails()
    {
        IShardFile file = _folder.Open("file");
        foreach (FileAdvice advice in Enum.GetValues<FileAdvice>())
            file.Advise(advice, -1, -1);
        file.Dispose();
        file.Advise(FileAdvice.WillNeed);
    }

    [Test]
    public async Task Closing_during_reads_never_lets_a_read_reach_another_file()
    {
        _folder.Write("mine", new string('m', 4096));
        _folder.Write("other", new string('o', 4096));
        int wrong = 0;
        for (int round = 0; round < 200; round++)
        {
            IShardFile mine = _folder.Shard.Open("mine", ShardOpenOptions.Read);
            Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                byte[] buffer = new byte[4096];
                try
                {
                    while (true)
                    {
                        mine.Read(buffer, 0);
                        if (buffer.AsSpan().ContainsAnyExcept((byte)'m'))
                            Interlocked.Increment(ref wrong);
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }))];
            mine.Dispose();
            using (_folder.Shard.Open("other", ShardOpenOptions.Read))
                await Task.WhenAll(readers);
        }
        wrong.Should().Be(0);
    }

    private IShardFile OpenForAttributes()
    {
        if (!_folder.Shard.Capabilities.CanStoreRecords)
            Assert.Ignore($"the file system of the temporary folder ({_folder.Shard.Capabilities.FileSystemType}) keeps no user attributes");
        return _folder.Open("file");
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
