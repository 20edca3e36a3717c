using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Tool.Output;

/// <summary>The status of a file, as a line and as JSON.</summary>
internal static class StatusText
{
    public const string Heading = "STATE      PIN       SIZE   ON SHARD  PATH  [OBJECT]";

    /// <summary>Said in place of a state where the record cannot be believed.</summary>
    public const string Damaged = "damaged";

    public static string Line(string root, FileStatus file)
    {
        string path = Text.OneLine(ShardPath.Display(root, file.Path));
        string line = $"{State(file),-10} {(file.IsPinned ? "pin" : "-"),-3} {Text.Bytes(file.Size),10} {Text.Bytes(file.AllocatedBytes),10}  {path}";
        if (file.ObjectKey is { } key)
            line += $"  [{key}]";
        return file.Problem is { } problem ? $"{line}  ({Text.OneLine(problem)})" : line;
    }

    public static void Write(JsonLines json, string root, FileStatus file) => json.Write(line =>
    {
        line.WriteName("path", ShardPath.Display(root, file.Path));
        line.WriteString("state", State(file));
        line.WriteBoolean("hasStaleCopy", file.HasStaleCopy);
        line.WriteBoolean("isPinned", file.IsPinned);
        line.WriteNumber("size", file.Size);
        line.WriteNumber("allocatedBytes", file.AllocatedBytes);
        line.WriteNumber("inode", file.Info.Identity.Inode);
        line.WriteString("modified", file.Info.Modified.ToString());
        line.WriteString("object", file.ObjectKey?.ToString());
        line.WriteName("problem", file.Problem);
    });

    public static string State(FileState state) => state.ToString().ToLowerInvariant();

    private static string State(FileStatus file) => file.Problem is null ? State(file.State) : Damaged;
}
