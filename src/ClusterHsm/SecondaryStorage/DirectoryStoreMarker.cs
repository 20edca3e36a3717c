using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>The file that makes a folder a store: <c>{"clusterhsm-store":1,"id":"32 hexadecimal digits"}</c>.</summary>
/// <remarks>It is made with the store and never changes. A folder without it may be the mount point of a store that is not mounted.</remarks>
internal static class DirectoryStoreMarker
{
    public const int Format = 1;

    private const int MaxLength = 4096;

    /// <summary>The store's id.</summary>
    public static Guid Read(StoreDisk disk, DirectoryStoreLayout layout)
    {
        byte[] bytes;
        try
        {
            if (TryRead(disk, layout) is not { } found)
            {
                throw new StoreUnavailableException(
                    layout.Root,
                    Directory.Exists(layout.Root) ? "this folder is no store: it has no clusterhsm-store.json" : "there is no such folder",
                    "Check that the store is mounted here");
            }
            bytes = found;
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            throw DirectoryStoreErrors.Name(layout.Root, "read clusterhsm-store.json", exception);
        }
        return Parse(bytes, layout);
    }

    /// <summary>Makes the marker, durable; leaves one that is there as it is.</summary>
    public static void Create(StoreDisk disk, DirectoryStoreLayout layout)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($$"""{"clusterhsm-store":{{Format}},"id":"{{Guid.NewGuid():N}}"}""" + "\n");
        string temporary = layout.NewTemporaryFile(DirectoryStoreLayout.MarkerKind);
        try
        {
            using (SafeFileHandle file = disk.CreateFile(temporary))
            {
                RandomAccess.Write(file, bytes, 0);
                disk.FlushFile(file, temporary);
            }
            disk.TryRename(temporary, layout.Marker);
            disk.FlushDirectory(layout.Root);
        }
        finally
        {
            disk.Delete(temporary);
        }
    }

    private static byte[]? TryRead(StoreDisk disk, DirectoryStoreLayout layout)
    {
        using SafeFileHandle? file = disk.OpenFile(layout.Marker);
        if (file is null)
            return null;
        byte[] bytes = new byte[MaxLength + 1];
        int length = 0, read;
        while (length < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(length), length)) > 0)
            length += read;
        return bytes[..length];
    }

    private static Guid Parse(ReadOnlySpan<byte> bytes, DirectoryStoreLayout layout)
    {
        long format = 0;
        Guid? id = null;
        try
        {
            Utf8JsonReader reader = new(bytes);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isFormat = reader.ValueTextEquals("clusterhsm-store"), isId = reader.ValueTextEquals("id");
                reader.Read();
                if (isFormat && reader.TokenType == JsonTokenType.Number)
                    reader.TryGetInt64(out format);
                else if (isId && reader.TokenType == JsonTokenType.String && Guid.TryParseExact(reader.GetString(), "N", out Guid found))
                    id = found;
                else
                    reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Damaged(layout, exception);
        }
        if (format > Format)
        {
            throw new ShardFormatException(
                layout.Root, $"the store has format {format}, and this version of ClusterHsm knows no more than {Format}", "Use a newer version of ClusterHsm");
        }
        return format == Format && id is { } known ? known : throw Damaged(layout, null);
    }

    private static StoreUnavailableException Damaged(DirectoryStoreLayout layout, Exception? inner) => new(
        layout.Marker, "the file that says which store this is is damaged", "Put it back from a backup; its id stands in every record of the shard", inner);
}
