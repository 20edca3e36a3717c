using System.Globalization;
using System.Text;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>A line of /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The mount's number, which statx tells as well.</param>
/// <param name="Device">The file system's number, the same for all its mounts: <c>0:41</c>.</param>
/// <param name="Root">What of the file system is mounted: <c>/</c> is all of it.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Type">The file system, with its subtype: <c>fuse.glusterfs</c>.</param>
/// <param name="Options">Options of the mount and of the file system behind it.</param>
internal sealed record MountEntry(ulong Id, string Device, string Root, string MountPoint, string Type, IReadOnlySet<string> Options)
{
    private const string TablePath = "/proc/self/mountinfo";

    /// <summary>The entry that a path lies in: by number, or, where the kernel tells none, by the longest mount point above it.</summary>
    /// <returns>The entry, or null if the table cannot be read or does not have it.</returns>
    internal static MountEntry? Find(ulong? id, string path)
    {
        try
        {
            // Read as Latin-1, so that bytes of other encodings survive; options and types are ASCII.
            return Choose(File.ReadLines(TablePath, Encoding.Latin1), id, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // no /proc here
        }
    }

    /// <summary>Where all of the same file system is mounted: here, or, if this is a bind mount of a part of it, elsewhere.</summary>
    /// <returns>The mount point, or null if there is none that this process sees.</returns>
    internal string? FindWhole()
    {
        try
        {
            return FindWhole(File.ReadLines(TablePath, Encoding.Latin1));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>As <see cref="FindWhole()"/>, from the lines of a table.</summary>
    internal string? FindWhole(IEnumerable<string> lines) => Root == "/"
        ? MountPoint
        : lines.Select(Parse).FirstOrDefault(entry => entry is { Root: "/" } && entry.Device == Device)?.MountPoint;

    /// <summary>As <see cref="Find"/>, from the lines of a table.</summary>
    internal static MountEntry? Choose(IEnumerable<string> lines, ulong? id, string path)
    {
        MountEntry? best = null;
        foreach (string line in lines)
        {
            if (Parse(line) is not { } entry)
                continue;
            if (id is not null)
            {
                if (entry.Id == id)
                    return entry;
            }
            else if (Contains(entry.MountPoint, path) && (best is null || entry.MountPoint.Length >= best.MountPoint.Length))
                best = entry; // of two on one point the later one is on top
        }
        return best;
    }

    /// <summary>Reads a line: <c>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue</c>.</summary>
    internal static MountEntry? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (dash < 0 || fields.Length < dash + 4
            || !ulong.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong id))
            return null;
        HashSet<string> options = [.. fields[5].Split(','), .. fields[dash + 3].Split(',')];
        return new MountEntry(id, fields[2], Unescape(fields[3]), Unescape(fields[4]), Unescape(fields[dash + 1]), options);
    }

    /// <summary>Undoes the kernel's escapes: space, tab, newline and backslash are written as three octal digits.</summary>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\'))
            return text;
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && IsOctal(text[i + 1]) && IsOctal(text[i + 2]) && IsOctal(text[i + 3]))
            {
                result.Append((char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0'));
                i += 3;
            }
            else
                result.Append(text[i]);
        }
        return result.ToString();
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';

    private static bool Contains(string mountPoint, string path) =>
        path.StartsWith(mountPoint, StringComparison.Ordinal)
        && (mountPoint.EndsWith('/') || path.Length == mountPoint.Length || path[mountPoint.Length] == '/');
}
