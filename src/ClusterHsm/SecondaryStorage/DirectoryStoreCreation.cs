namespace ClusterHsm.SecondaryStorage;

/// <summary>Makes a directory store where there is nothing yet.</summary>
internal static class DirectoryStoreCreation
{
    /// <summary>Makes the store, durable, if the folder is missing or empty; does nothing if a store is there.</summary>
    /// <exception cref="HsmAlreadyExistsException">The folder holds something else.</exception>
    public static void MakeIfEmpty(StoreDisk disk, DirectoryStoreLayout layout)
    {
        try
        {
            if (disk.GetInfo(layout.Marker) is not null)
                return;
            if (Directory.Exists(layout.Root) && FirstForeignEntry(layout) is { } foreign)
            {
                // Another process may have finished making the store since the first look.
                if (disk.GetInfo(layout.Marker) is not null)
                    return;
                throw new HsmAlreadyExistsException(
                    layout.Root,
                    $"the folder is not empty ('{foreign}') and is no store: it has no clusterhsm-store.json",
                    "Choose an empty folder; if this was a store, put its clusterhsm-store.json back from a backup");
            }
            MakeDirectories(disk, layout.Root);
            disk.MakeDirectory(layout.Temporary);
            disk.MakeDirectory(layout.Objects);
            DirectoryStoreMarker.Create(disk, layout);
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            throw DirectoryStoreErrors.Name(layout.Root, "make a store", exception);
        }
    }

    // lost+found is in every new ext4 file system. Empty folders of our own are what an attempt that was cut off leaves behind.
    private static string? FirstForeignEntry(DirectoryStoreLayout layout)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(layout.Root, "*", DirectoryStoreListing.Everything))
        {
            bool ours = entry == Path.Join(layout.Root, "lost+found")
                || (entry == layout.Temporary && DirectoryStoreListing.Names(entry).All(name => DirectoryStoreLayout.IsTemporaryName(name)))
                || (entry == layout.Objects && !DirectoryStoreListing.Names(entry).Any());
            if (!ours)
                return Path.GetFileName(entry);
        }
        return null;
    }

    private static void MakeDirectories(StoreDisk disk, string path)
    {
        if (Directory.Exists(path))
            return;
        string parent = Path.GetDirectoryName(path)!;
        MakeDirectories(disk, parent);
        disk.MakeDirectory(path);
        disk.FlushDirectory(parent);
    }
}
