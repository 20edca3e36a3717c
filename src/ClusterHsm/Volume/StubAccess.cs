namespace ClusterHsm;

/// <summary>What opening a file does when it is a stub.</summary>
public enum StubAccess
{
    /// <summary>Bring the data back first. Needs write permission on the file.</summary>
    Recall = 0,

    /// <summary>Serve the bytes from secondary storage, range by range, and leave the stub a stub.</summary>
    /// <remarks>
    /// A range cannot be held against the digest of the whole: an object that has rotted in the store at its full length is served as it is. A recall
    /// checks the digest before anybody is given a byte; who reads all of a file through can hold it against <see cref="Stubs.StubRecord.Digest"/>.
    /// </remarks>
    ReadThrough,

    /// <summary>Throw <see cref="StubFileException"/> at once: what a virus scanner or an indexer wants.</summary>
    Fail,

    /// <summary>
    /// Open the stub itself: status, size and record can be read, its data cannot (<see cref="StubFileException"/>). What a backup agent
    /// wants, to back a stub up as a stub.
    /// </summary>
    StubOnly,
}
