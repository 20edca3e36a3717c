using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>A store in a directory of any file system: a disk, a NAS, a mounted tape or cloud gateway.</summary>
/// <remarks>
/// <para>Each object is one file, <c>objects/SHARD/XX/YY/OBJECT</c>, made under a temporary name in <c>tmp/</c> on the same file
/// system, flushed, and renamed to its own name by a call that replaces nothing. Objects are 0440 and folders 0750, less the
/// process's umask: give the folder to a group that all nodes run in.</para>
/// <para>On Windows objects get the access control list of their folder, and there is no <c>syncfs</c>.</para>
/// <para>Files are opened without a flock, so that nothing that runs beside can be in the way.</para>
/// <para><see cref="CommitDurability.Deferred"/> is one <c>syncfs(2)</c> for many objects on file systems where that call covers
/// all of them and reports what failed (ext4, xfs, btrfs, f2fs, tmpfs, from Linux 5.8). Elsewhere such a commit is made durable by
/// itself, at once. A barrier that has failed fails every later one of this instance, because nobody can say which object it was.</para>
/// <para><see cref="StoredObject.Created"/> is the file's ctime: it cannot be set back by hand, and a copy made by link (which
/// renews it for both names) never looks older than it is. So a sweep's grace time is never too short.</para>
/// <para>Thread-safe. Several processes may use one store. Deleting is not flushed: after a crash a deleted object may be back, as
/// an orphan. Disposing does not flush deferred commits.</para>
/// </remarks>
public sealed class DirectoryStore : ISecondaryStore
{
    private volatile bool _disposed;

    internal DirectoryStore(DirectoryStoreLayout layout, StoreDisk disk)
    {
        Layout = layout;
        Disk = disk;
        Id = DirectoryStoreMarker.Read(disk, layout);
        Location = OperatingSystem.IsWindows()
            ? new Uri(layout.Root)
            : new UriBuilder(Uri.UriSchemeFile, string.Empty) { Path = string.Join('/', layout.Root.Split('/').Select(Uri.EscapeDataString)) }.Uri;
        Deferred = new DeferredCommits(disk, layout);
        Folders = new DurableFolders(disk, layout);
    }

    /// <inheritdoc/>
    public Uri Location { get; }

    /// <inheritdoc/>
    public Guid Id { get; }

    internal DirectoryStoreLayout Layout { get; }

    internal StoreDisk Disk { get; }

    internal DeferredCommits Deferred { get; }

    private DurableFolders Folders { get; }

    /// <summary>Opens a store that exists.</summary>
    /// <param name="directory">Its folder.</param>
    /// <exception cref="StoreUnavailableException">There is no folder, or no store in it: it may not be mounted. Nothing was made.</exception>
    /// <exception cref="ShardFormatException">The store was made by a newer version.</exception>
    /// <exception cref="HsmAccessDeniedException">It cannot be read.</exception>
    public static DirectoryStore Open(string directory) => new(LayoutOf(directory), StoreDisk.ForThisMachine());

    /// <summary>Opens a store, and makes it first if the folder is missing or empty.</summary>
    /// <param name="directory">Its folder.</param>
    /// <exception cref="HsmAlreadyExistsException">The folder holds something that is not a store; nothing was changed.</exception>
    /// <exception cref="ShardFormatException">A store is there, made by a newer version.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be reached.</exception>
    /// <exception cref="HsmAccessDeniedException">It cannot be made or read.</exception>
    /// <exception cref="NoSpaceException">There is no space to make it.</exception>
    public static DirectoryStore OpenOrCreate(string directory) => OpenOrCreate(directory, StoreDisk.ForThisMachine());

    internal static DirectoryStore OpenOrCreate(string directory, StoreDisk disk)
    {
        DirectoryStoreLayout layout = LayoutOf(directory);
        DirectoryStoreCreation.MakeIfEmpty(disk, layout);
        return new DirectoryStore(layout, disk);
    }

    /// <inheritdoc/>
    public async ValueTask<IObjectWriter> CreateAsync(ObjectKey key, long expectedLength, CancellationToken cancellationToken = default)
    {
        return await RunAsync<IObjectWriter>($"make object {key}", () =>
        {
            if (Disk.GetInfo(Layout.Object(key)) is not null)
                throw Taken(key);
            return DirectoryObjectWriter.Create(this, key);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        return await RunAsync<IObjectReader?>($"open object {key}", () =>
        {
            string path = Layout.Object(key);
            if (Disk.GetInfo(path) is { } info && Disk.OpenFile(path) is { } file)
                return new DirectoryObjectReader(Layout, key, file, info.Length);
            RequireMounted();
            return null;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> GetInfoAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        return await RunAsync<StoredObject?>($"look at object {key}", () =>
        {
            if (Disk.GetInfo(Layout.Object(key)) is { } info)
                return new StoredObject(key, info.Length, info.Changed);
            RequireMounted();
            return null;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken = default)
    {
        return await RunAsync($"delete object {key}", () =>
        {
            if (Disk.Delete(Layout.Object(key)))
                return true;
            RequireMounted();
            return false;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A second name of the same file where the file system has links, which objects, being never changed, can share.</remarks>
    public async ValueTask CopyAsync(ObjectKey from, ObjectKey to, CancellationToken cancellationToken = default)
    {
        if (!await RunAsync($"copy object {from} to {to}", () => DirectoryObjectCopy.TryLink(this, from, to), cancellationToken).ConfigureAwait(false))
            await DirectoryObjectCopy.CopyBytesAsync(this, from, to, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// One folder at a time is held in memory. A folder that cannot be read ends the enumeration with an exception, so that a sweep
    /// knows that it has not seen everything. Uploads that a killed process left behind are removed once they are a day old.
    /// </remarks>
    public async IAsyncEnumerable<StoredObject> ListAsync(Guid shardId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        DirectoryStoreListing listing = new(Disk, Layout);
        await RunAsync("remove old uploads", () => listing.RemoveOldUploads(cancellationToken), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> middles = await RunAsync("list objects", () => listing.Folders(Layout.Shard(shardId)), cancellationToken).ConfigureAwait(false);
        if (middles.Count == 0)
            await RunAsync("list objects", RequireMounted, cancellationToken).ConfigureAwait(false);
        foreach (string middle in middles)
        {
            foreach (string leaf in await RunAsync("list objects", () => listing.Folders(middle), cancellationToken).ConfigureAwait(false))
            {
                foreach (StoredObject found in await RunAsync("list objects", () => listing.Objects(shardId, leaf), cancellationToken).ConfigureAwait(false))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return found;
                }
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">
    /// A write has failed, now or at an earlier flush of this instance: no deferred commit that was not reported as durable before
    /// may be relied on. Open the store anew.
    /// </exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Deferred.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken = default) =>
        await RunAsync("read the clock", () => new DirectoryStoreListing(Disk, Layout).Now(), cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the use of the store. Does not make deferred commits durable. Readers and writers go on working.</summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        Deferred.Dispose();
        return ValueTask.CompletedTask;
    }

    internal SafeFileHandle CreateTemporary(string path)
    {
        Deferred.Prepare();
        try
        {
            return Disk.CreateFile(path);
        }
        catch (StoreDiskException exception) when (exception.Error == StoreErrno.NoEntry)
        {
            RequireMounted();
            Disk.MakeDirectory(Layout.Temporary);
            return Disk.CreateFile(path);
        }
    }

    /// <summary>Gives a finished file the name of its object.</summary>
    internal void Publish(string temporary, ObjectKey key, bool durable)
    {
        string path = Layout.Object(key);
        if (!TryRename(temporary, path, key))
            throw Taken(key);
        if (!durable)
            return;
        try
        {
            MakeNameDurable(key);
        }
        catch (StoreDiskException)
        {
            TryDelete(path);
            throw;
        }
    }

    /// <summary>Tidies up after a failure that the caller is told of; what cannot be removed is an orphan or an old upload, and swept.</summary>
    internal void TryDelete(string path)
    {
        try
        {
            Disk.Delete(path);
        }
        catch (StoreDiskException)
        {
        }
    }

    internal void MakeNameDurable(ObjectKey key)
    {
        Folders.Flush(key);
        Disk.FlushDirectory(Path.GetDirectoryName(Layout.Object(key))!);
    }

    internal void MakeFolders(ObjectKey key) => Folders.Make(key);

    internal HsmAlreadyExistsException Taken(ObjectKey key) => new(
        Layout.Object(key), $"the store has an object {key} already, and objects are never written over", "Use a new key");

    internal async ValueTask<T> RunAsync<T>(string doing, Func<T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            throw DirectoryStoreErrors.Name(Layout.Root, doing, exception);
        }
    }

    private static DirectoryStoreLayout LayoutOf(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new DirectoryStoreLayout(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
    }

    private bool TryRename(string temporary, string path, ObjectKey key)
    {
        try
        {
            return Disk.TryRename(temporary, path);
        }
        catch (StoreDiskException exception) when (exception.Error == StoreErrno.NoEntry)
        {
            // Most often only the folders are new; then the second attempt succeeds.
            RequireMounted();
            MakeFolders(key);
            return Disk.TryRename(temporary, path);
        }
    }

    /// <summary>Without this, the bare mount point of a store that went away would look like a store that has lost its objects.</summary>
    internal bool RequireMounted()
    {
        Guid found = DirectoryStoreMarker.Read(Disk, Layout);
        if (found != Id)
        {
            throw new StoreUnavailableException(
                Layout.Root, $"another store is here now: its id is {found:N}, and {Id:N} was opened", "Check what is mounted here");
        }
        if (!Directory.Exists(Layout.Objects))
            throw new StoreUnavailableException(Layout.Objects, "the store's folder of objects is missing", "Put it back, or check what is mounted here");
        return true;
    }
}
