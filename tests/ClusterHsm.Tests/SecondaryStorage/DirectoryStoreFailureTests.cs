using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>Full, forbidden, gone: each has its own exception, and nothing is left behind.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed partial class DirectoryStoreFailureTests
{
    private readonly Guid _shard = Guid.NewGuid();

    [TestCase("write")]
    [TestCase("flush-file")]
    [TestCase("mkdir")]
    [TestCase("create")]
    public async Task A_full_store_is_reported_and_nothing_is_left(string step)
    {
        using StoreFolder folder = new();
        FaultyDisk disk = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root, disk);
        disk.Fault = call => call.StartsWith(step, StringComparison.Ordinal) ? StoreErrno.NoSpace : 0;
        Func<Task> put = () => StoreFolder.PutAsync(store, ObjectKey.New(_shard), new byte[1]);
        (await put.Should().ThrowAsync<NoSpaceException>()).WithMessage($"{folder.Root}: *the store is full*");
        folder.TemporaryFiles.Should().BeEmpty();
        folder.ObjectFiles.Should().BeEmpty();
        disk.Fault = _ => 0;
        await put.Should().NotThrowAsync();
    }

    [Test]
    public async Task A_file_system_that_really_runs_full_is_reported_and_nothing_is_left()
    {
        using StoreFolder folder = new();
        Directory.CreateDirectory(folder.Root);
        if (!Environment.IsPrivilegedProcess || !Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Root))
            Assert.Ignore("Mounting a small tmpfs needs root; the same is tested with a disk that answers ENOSPC.");
        try
        {
            await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root);
            Func<Task> put = () => StoreFolder.PutAsync(store, ObjectKey.New(_shard), new byte[2 << 20]);
            await put.Should().ThrowAsync<NoSpaceException>();
            folder.TemporaryFiles.Should().BeEmpty();
            await StoreFolder.PutAsync(store, ObjectKey.New(_shard), new byte[1 << 19], CommitDurability.Deferred);
            await store.FlushAsync();
        }
        finally
        {
            Run("umount", folder.Root).Should().BeTrue();
        }
    }

    [Test]
    public async Task A_store_that_goes_away_is_not_taken_for_one_that_has_lost_its_objects()
    {
        using StoreFolder folder = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root);
        ObjectKey key = ObjectKey.New(_shard);
        await StoreFolder.PutAsync(store, key, new byte[1]);
        await using IObjectWriter begun = await store.CreateAsync(ObjectKey.New(_shard), 1);
        Directory.Move(folder.Root, folder.Root + ".away");
        Directory.CreateDirectory(folder.Root);
        await AllUnavailable(store, key, begun, "*no clusterhsm-store.json*mounted*");
        Directory.GetFileSystemEntries(folder.Root).Should().BeEmpty();
    }

    [Test]
    public async Task Another_store_in_the_same_place_is_noticed()
    {
        using StoreFolder folder = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root);
        await using IObjectWriter begun = await store.CreateAsync(ObjectKey.New(_shard), 1);
        Directory.Move(folder.Root, folder.Root + ".away");
        await using DirectoryStore other = DirectoryStore.OpenOrCreate(folder.Root);
        await AllUnavailable(store, ObjectKey.New(_shard), begun, $"*another store*{other.Id:N}*{store.Id:N}*", creates: false);
        folder.ObjectFiles.Should().BeEmpty();
    }

    [Test]
    public void Missing_permission_is_reported_as_such()
    {
        using StoreFolder folder = new();
        _ = DirectoryStore.OpenOrCreate(folder.Root);
        string locked = Path.Join(folder.Root, "objects", _shard.ToString("N"));
        Directory.CreateDirectory(locked);
        File.SetUnixFileMode(locked, UnixFileMode.None);
        File.SetUnixFileMode(Path.Join(folder.Root, "clusterhsm-store.json"), UnixFileMode.None);
        Exception? opening = null, listing = null;
        AsUserWithoutRights(() =>
        {
            opening = Record(() => DirectoryStore.Open(folder.Root));
            listing = Record(() => new DirectoryStoreListing(StoreDisk.ForThisMachine(), new DirectoryStoreLayout(folder.Root)).Folders(locked));
        });
        File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        opening.Should().BeOfType<HsmAccessDeniedException>().Which.Message.Should().StartWith($"{folder.Root}: cannot read clusterhsm-store.json: permission is missing");
        listing.Should().NotBeNull("a folder without rights is not an empty folder");
        DirectoryStoreErrors.Name(folder.Root, "list objects", listing!).Should().BeOfType<HsmAccessDeniedException>();
    }

    [TestCase(StoreErrno.ReadOnly, "read-only")]
    [TestCase(StoreErrno.AccessDenied, "permission is missing")]
    [TestCase(StoreErrno.NotPermitted, "permission is missing")]
    public async Task What_may_not_be_written_is_refused(int error, string named)
    {
        using StoreFolder folder = new();
        FaultyDisk disk = new();
        await using DirectoryStore store = DirectoryStore.OpenOrCreate(folder.Root, disk);
        disk.Fault = call => call.StartsWith("create", StringComparison.Ordinal) ? error : 0;
        Func<Task> create = async () => await store.CreateAsync(ObjectKey.New(_shard), 1);
        Func<Task> time = async () => await store.GetTimeAsync();
        (await create.Should().ThrowAsync<HsmAccessDeniedException>()).WithMessage($"*{named}*");
        await time.Should().ThrowAsync<HsmAccessDeniedException>();
    }

    private async Task AllUnavailable(DirectoryStore store, ObjectKey key, IObjectWriter begun, string message, bool creates = true)
    {
        List<Func<Task>> calls =
        [
            async () => await store.OpenAsync(key),
            async () => await store.GetInfoAsync(key),
            async () => await store.DeleteAsync(key),
            async () => await store.CopyAsync(key, ObjectKey.New(_shard)),
            async () => await begun.CommitAsync(CommitDurability.Immediate),
            async () => await StoreFolder.ListAsync(store, _shard),
        ];
        if (creates)
            calls.Add(async () => await store.CreateAsync(ObjectKey.New(_shard), 1));
        foreach (Func<Task> call in calls)
            (await call.Should().ThrowAsync<StoreUnavailableException>()).WithMessage(message);
    }

    private static Exception? Record(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (IOException exception)
        {
            return exception;
        }
        catch (UnauthorizedAccessException exception)
        {
            return exception;
        }
    }

    /// <summary>Root passes every permission check, but not a thread of root's whose file-system user is another.</summary>
    private static void AsUserWithoutRights(Action action)
    {
        Thread thread = new(() =>
        {
            if (Environment.IsPrivilegedProcess)
                SetFileSystemUser(65534);
            action();
        });
        thread.Start();
        thread.Join();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);
}
