using System.Globalization;
using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>Since when objects have been without a record: a text file in the control folder, one line an object.</summary>
/// <remarks>A file that is missing or damaged marks nothing, so that all grace times begin anew.</remarks>
internal static class OrphanMarks
{
    public const string Path = ControlFolder.Name + "/orphans";

    private const string NewName = "orphans-";
    private const string FirstLine = "clusterhsm orphans 1: object, and seconds since 1970 by the store's clock when it was first found";
    private const int MaxLength = 1 << 30;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static Dictionary<Guid, DateTimeOffset> Read(IShardFileSystem shard)
    {
        byte[] bytes;
        try
        {
            using IShardFile file = shard.Open(Path, ShardOpenOptions.Read);
            long length = file.GetInfo().Size;
            if (length > MaxLength)
                return [];
            bytes = new byte[length];
            if (file.Read(bytes, 0) != length)
                return [];
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            return [];
        }
        using StringReader lines = new(Encoding.UTF8.GetString(bytes));
        Dictionary<Guid, DateTimeOffset> marks = [];
        if (lines.ReadLine() != FirstLine)
            return [];
        while (lines.ReadLine() is { } line)
        {
            if (line.Length < 34 || line[32] != ' ' || !Guid.TryParseExact(line.AsSpan(0, 32), "N", out Guid id)
                || !long.TryParse(line.AsSpan(33), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                return [];
            marks[id] = DateTimeOffset.FromUnixTimeSeconds(seconds);
        }
        return marks;
    }

    /// <summary>Durable when it returns; cut off before, the file is the old one. For one caller at a time.</summary>
    public static void Write(IShardFileSystem shard, IEnumerable<KeyValuePair<Guid, DateTimeOffset>> marks)
    {
        StringBuilder text = new StringBuilder(FirstLine).Append('\n');
        foreach ((Guid id, DateTimeOffset since) in marks)
            text.Append(CultureInfo.InvariantCulture, $"{id:N} {since.ToUnixTimeSeconds()}\n");
        RemoveLeftBehind(shard);
        // A name of its own each time: one that faults have left on GlusterFS could neither be opened nor replaced.
        string newPath = $"{ControlFolder.Name}/{NewName}{Guid.NewGuid():N}";
        using (IShardFile file = shard.Open(newPath, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive, Mode))
        {
            file.Write(Encoding.UTF8.GetBytes(text.ToString()), 0);
            file.Flush();
        }
        shard.Rename(newPath, Path);
        shard.FlushDirectory(ControlFolder.Name);
    }

    private static void RemoveLeftBehind(IShardFileSystem shard)
    {
        foreach (ShardEntry entry in shard.ReadDirectory(ControlFolder.Name).ToArray())
        {
            try
            {
                if (entry.Name.StartsWith(NewName, StringComparison.Ordinal))
                    shard.Delete($"{ControlFolder.Name}/{entry.Name}");
            }
            catch (ShardIOException)
            {
                // In nobody's way.
            }
        }
    }
}
