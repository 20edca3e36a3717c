using ClusterHsm.FileSystem;

namespace ClusterHsm.Tool;

/// <summary>The failure that a file is whose record cannot be believed, for commands that only look at it.</summary>
internal static class DamagedRecord
{
    private const string Remedy = "Nothing was changed. Restore the record from a backup ('clusterhsm import'), or the file";

    /// <summary>Null if nothing is wrong with the record.</summary>
    public static HsmException? Of(FileStatus file, string root)
    {
        if (file.Problem is not { } problem)
            return null;
        string path = ShardPath.Display(root, file.Path), cause = $"its record cannot be believed: {problem}";
        return file.HasWrongSignature ? new UntrustedRecordException(path, cause, Remedy) : new InvalidRecordException(path, cause, Remedy);
    }
}
