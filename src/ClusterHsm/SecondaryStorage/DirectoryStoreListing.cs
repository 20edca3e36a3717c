using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>Looks through a directory store's folders. A folder that cannot be read is an exception, never an empty folder.</summary>
internal sealed class DirectoryStoreListing(StoreDisk disk, DirectoryStoreLayout layout)
{
    /// <summary>No entry is left out, and no failure.</summary>
    public static EnumerationOptions Everything { get; } = new() { IgnoreInaccessible = false, AttributesToSkip = 0, RecurseSubdirectories = false };

    private static readonly TimeSpan s_uploadLifetime = TimeSpan.FromDays(1);

    public static IEnumerable<string> Names(string folder) =>
        new FileSystemEnumerable<string>(folder, static (ref FileSystemEntry entry) => entry.FileName.ToString(), Everything);

    /// <summary>The fan-out folders in a folder; none if it is not there. What a store did not make is passed over.</summary>
    public IReadOnlyList<string> Folders(string parent)
    {
        try
        {
            return [.. Names(parent).Where(name => DirectoryStoreLayout.IsHex(name, 2)).Select(name => Path.Join(parent, name))];
        }
        catch (DirectoryNotFoundException) when (Path.GetDirectoryName(parent) == layout.Objects)
        {
            return [];
        }
    }

    /// <summary>The objects in one folder.</summary>
    public IReadOnlyList<StoredObject> Objects(Guid shardId, string leaf)
    {
        List<StoredObject> objects = [];
        foreach (string name in Names(leaf))
        {
            if (!DirectoryStoreLayout.IsHex(name, 32))
                continue;
            ObjectKey key = new(shardId, Guid.ParseExact(name, "N"));
            string path = Path.Join(leaf, name);
            // A file in the wrong folder is not what its key leads to; one that is gone was deleted since.
            if (path == layout.Object(key) && disk.GetInfo(path) is { } info)
                objects.Add(new StoredObject(key, info.Length, info.Changed));
        }
        return objects;
    }

    /// <summary>The present, by the clock that stamps the store's files.</summary>
    public DateTimeOffset Now()
    {
        string probe = layout.NewTemporaryFile(DirectoryStoreLayout.ProbeKind);
        using SafeFileHandle file = disk.CreateFile(probe);
        try
        {
            return disk.GetInfo(probe)?.Changed ?? throw new StoreDiskException("look at", probe, StoreErrno.NoEntry, "it was removed by someone else");
        }
        finally
        {
            disk.Delete(probe);
        }
    }

    /// <summary>Removes what killed processes left in <c>tmp/</c> more than a day ago.</summary>
    /// <returns>How many files it removed.</returns>
    /// <remarks>Each write renews an upload's age, so that a long one is safe. Whoever may only read the store removes nothing.</remarks>
    public int RemoveOldUploads(CancellationToken cancellationToken)
    {
        int removed = 0;
        try
        {
            DateTimeOffset limit = Now() - s_uploadLifetime;
            foreach (string name in Names(layout.Temporary).Where(name => DirectoryStoreLayout.IsTemporaryName(name)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string path = Path.Join(layout.Temporary, name);
                if (disk.GetInfo(path) is { } info && info.Changed < limit && disk.Delete(path))
                    removed++;
            }
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            // It is housekeeping: the listing that follows reports a store that has gone away, and needs no right to write.
        }
        return removed;
    }
}
