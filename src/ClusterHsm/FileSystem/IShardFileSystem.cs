namespace ClusterHsm.FileSystem;

/// <summary>
/// One volume of a clustered file system, as a directory tree, seen from one node.
/// </summary>
/// <remarks>
/// <para>Paths are relative to <see cref="Root"/>, with <c>/</c> between names; the empty string is the root itself. A name whose
/// bytes are not UTF-8 is carried in lone surrogates U+DC80 to U+DCFF, one for each such byte (the <c>surrogateescape</c> of
/// Python's PEP 383), so that every name a file system can hold makes the way there and back.</para>
/// <para>Nothing outside the root can be reached: a path that leaves it, by <c>..</c> or through a symbolic link, fails with
/// <see cref="ShardError.OutsideRoot"/>.</para>
/// <para>Thread-safe. Every member may block for as long as the file system does. Failures are <see cref="ShardIOException"/>.</para>
/// </remarks>
public interface IShardFileSystem : IDisposable
{
    /// <summary>The absolute path of the root, for messages.</summary>
    string Root { get; }

    /// <summary>
    /// The clock by which this node counts leases: monotonic, and it goes on while the machine is suspended (R1).
    /// </summary>
    TimeProvider Clock { get; }

    /// <summary>What this file system was found to be able to do.</summary>
    ShardCapabilities Capabilities { get; }

    /// <summary>Opens a regular file, without taking any lock.</summary>
    /// <param name="path">A path below the root.</param>
    /// <param name="options">How to open it.</param>
    /// <param name="creationMode">Permission bits of a file that this call creates, before the process's umask.</param>
    /// <exception cref="ShardIOException">
    /// <see cref="ShardError.NotFound"/>, <see cref="ShardError.AlreadyExists"/>, <see cref="ShardError.AccessDenied"/>,
    /// <see cref="ShardError.NotARegularFile"/>, <see cref="ShardError.OutsideRoot"/>, <see cref="ShardError.ReadOnly"/>, or
    /// <see cref="ShardError.Busy"/> while another process excludes openers (<see cref="IShardFile.TryExcludeOpeners"/>).
    /// </exception>
    IShardFile Open(string path, ShardOpenOptions options, UnixFileMode creationMode = ShardDefaults.FileMode);

    /// <summary>Facts about a file, a directory or a symbolic link (which is not followed), asked anew.</summary>
    /// <returns>The facts, or null if nothing has this name.</returns>
    ShardFileInfo? GetInfo(string path);

    /// <summary>
    /// Whether the file at <paramref name="path"/> is marked as one whose data is elsewhere (<see cref="ShardFileInfo.IsOffline"/>),
    /// asked without opening it where opening it can have its data fetched. False where there is no such mark, and where nothing has the name.
    /// </summary>
    bool IsOffline(string path) => false;

    /// <summary>The value of an extended attribute of the regular file at <paramref name="path"/>, or null if it has none.</summary>
    byte[]? ReadAttribute(string path, string name);

    /// <summary>The entries of a directory, in the order the file system gives them, without <c>.</c> and <c>..</c>.</summary>
    /// <remarks>Enumerated lazily; failures come while enumerating.</remarks>
    IEnumerable<ShardEntry> ReadDirectory(string path);

    /// <summary>Makes a directory with exactly these permission bits. Does nothing if it is there.</summary>
    /// <returns>Whether this call made it.</returns>
    bool CreateDirectory(string path, UnixFileMode mode);

    /// <summary>Removes the name of a file. Does nothing if there is none.</summary>
    void Delete(string path);

    /// <summary>Renames a file and atomically replaces what has the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Makes the names in a directory durable.</summary>
    void FlushDirectory(string path);

    /// <summary>Makes everything durable that was written to this shard before the call: one barrier for many files.</summary>
    /// <remarks>
    /// Where there is a barrier (<see cref="ShardCapabilities.HasBarrier"/>) it tells of any write that failed since the shard was
    /// opened, whoever made it, and goes on failing: nobody knows then what was lost.
    /// </remarks>
    /// <exception cref="ShardIOException">Something written may be lost, or there is no barrier here.</exception>
    void FlushAll();

    /// <summary>
    /// Whether anyone has the file open for writing, as far as this computer's kernel can say. Locks tell about the library's own
    /// writers on every node; this tells about other programs' on this one.
    /// </summary>
    WriterPresence FindWriters(string path);
}
