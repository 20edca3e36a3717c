namespace ClusterHsm;

/// <summary>A failure that ClusterHsm can name: the thing, the cause and the way out.</summary>
/// <remarks>Each cause has a type of its own below this one. Nothing was changed on the shard or in the store unless the type says so.</remarks>
public abstract class HsmException : IOException
{
    private int _isCounted;

    private protected HsmException(HsmError error, string path, string cause, string remedy, Exception? inner)
        : base($"{path}: {cause}. {remedy}.", inner)
    {
        Error = error;
        Path = path;
        Cause = cause;
        Remedy = remedy;
    }

    /// <summary>Which failure: also the exit code of the command.</summary>
    public HsmError Error { get; }

    /// <summary>The file, directory or object that it is about, as the user would name it.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without a full stop.</summary>
    public string Cause { get; }

    /// <summary>What can be done, without a full stop.</summary>
    public string Remedy { get; }

    /// <summary>True once: it may cross several boundaries and is one error.</summary>
    internal bool TryCount() => Interlocked.Exchange(ref _isCounted, 1) == 0;
}
