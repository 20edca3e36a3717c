namespace ClusterHsm.FileSystem;

/// <summary>A failure of the file system below a shard.</summary>
public sealed class ShardIOException : IOException
{
    /// <summary>Makes one with a complete message.</summary>
    /// <param name="error">Kind of failure.</param>
    /// <param name="operation">What was tried, as a verb: <c>open</c>, <c>punch a hole in</c>.</param>
    /// <param name="path">The file, as the user would name it.</param>
    /// <param name="reason">Why it failed, in words.</param>
    /// <param name="nativeError">The platform's error number, or 0.</param>
    public ShardIOException(ShardError error, string operation, string path, string reason, int nativeError = 0)
        : base($"Cannot {operation} '{path}': {reason}.")
    {
        Error = error;
        Operation = operation;
        Path = path;
        NativeError = nativeError;
    }

    /// <summary>Kind of failure.</summary>
    public ShardError Error { get; }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The platform's error number, or 0.</summary>
    public int NativeError { get; }
}
