using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>Copies an object inside a directory store.</summary>
internal static class DirectoryObjectCopy
{
    // Below the size at which arrays go to the large-object heap.
    private const int BufferSize = 64 * 1024;

    /// <summary>Gives the object's file a second name, durable on return.</summary>
    /// <returns>False if the file system allows no link here.</returns>
    public static bool TryLink(DirectoryStore store, ObjectKey from, ObjectKey to)
    {
        string source = store.Layout.Object(from), copy = store.Layout.Object(to);
        using (SafeFileHandle? file = store.Disk.GetInfo(source) is null ? null : store.Disk.OpenFile(source))
        {
            if (file is null)
                throw Missing(store, from);
            // The source itself may wait for a barrier still.
            store.Disk.FlushFile(file, source);
        }
        store.MakeFolders(to);
        switch (store.Disk.TryLink(source, copy))
        {
            case LinkResult.Done:
                store.MakeNameDurable(to);
                return true;
            case LinkResult.NameTaken:
                throw store.Taken(to);
            case LinkResult.NoSuchFile:
                throw Missing(store, from);
            default:
                return false;
        }
    }

    /// <summary>Copies the object's bytes, durable on return.</summary>
    public static async Task CopyBytesAsync(DirectoryStore store, ObjectKey from, ObjectKey to, CancellationToken cancellationToken)
    {
        await using IObjectReader reader = await store.OpenAsync(from, cancellationToken).ConfigureAwait(false) ?? throw Missing(store, from);
        await using IObjectWriter writer = await store.CreateAsync(to, reader.Length, cancellationToken).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long offset = 0;
            int read;
            while ((read = await reader.ReadAsync(buffer, offset, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await writer.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                offset += read;
            }
            await writer.CommitAsync(CommitDurability.Immediate, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ObjectMissingException Missing(DirectoryStore store, ObjectKey key)
    {
        store.RequireMounted();
        return new ObjectMissingException(
            store.Layout.Object(key), $"the store has no object {key}", "Look for it in a backup of the store, or run 'clusterhsm verify'");
    }
}
