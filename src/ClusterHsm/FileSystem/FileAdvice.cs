namespace ClusterHsm.FileSystem;

/// <summary>How a range of a file is going to be read.</summary>
public enum FileAdvice
{
    /// <summary>From front to back: read ahead.</summary>
    Sequential,

    /// <summary>Soon: fetch it now.</summary>
    WillNeed,

    /// <summary>Not again: its pages may go.</summary>
    DontNeed,
}
