using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem;

/// <summary>An open regular file of a shard.</summary>
/// <remarks>
/// <para>Positional: there is no file pointer. Thread-safe, except that <see cref="IDisposable.Dispose"/> must come last; operations
/// that are under way then finish on the descriptor they began with.</para>
/// <para>Locks belong to this handle and end with it. They are advisory, but not on Windows, where nobody else reads or writes what is
/// locked exclusively: they belong past the data. Failures are <see cref="ShardIOException"/>, but the lock calls never throw: they
/// answer (R9).</para>
/// </remarks>
public interface IShardFile : IDisposable
{
    /// <summary>The path it was opened by, relative to the root.</summary>
    string Path { get; }

    /// <summary>Which file this is, learnt at open without a round trip to a server.</summary>
    FileIdentity Identity { get; }

    /// <summary>Whether it was opened for writing.</summary>
    bool CanWrite { get; }

    /// <summary>The descriptor, for <see cref="RandomAccess"/> and its like, or null where there is none (in memory).</summary>
    SafeFileHandle? Handle { get; }

    /// <summary>Opens the same file anew, whatever its name is by now, and mostly even if it has none: a handle of its own, without locks.</summary>
    /// <param name="options">To read, to write, or both; nothing is created.</param>
    /// <exception cref="ShardIOException">
    /// <see cref="ShardError.AccessDenied"/>, <see cref="ShardError.ReadOnly"/>, <see cref="ShardError.Busy"/> as
    /// <see cref="IShardFileSystem.Open"/>; <see cref="ShardError.NotFound"/> where only its name leads to a file, and that is gone;
    /// <see cref="ShardError.DeadHandle"/> where the server forgets a file with its last name (GlusterFS).
    /// </exception>
    IShardFile Reopen(ShardOpenOptions options);

    /// <summary>Reads up to the buffer's length at <paramref name="offset"/>.</summary>
    /// <returns>Bytes read; 0 at and beyond the end; fewer than asked for only at the end.</returns>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all of the buffer at <paramref name="offset"/>, growing the file if need be.</summary>
    void Write(ReadOnlySpan<byte> buffer, long offset);

    /// <summary>Facts about the file, asked anew.</summary>
    ShardFileInfo GetInfo();

    /// <summary>Sets the length. Growth is a hole.</summary>
    void SetLength(long length);

    /// <summary>Frees the blocks of a range; it reads as zeros and the size stays.</summary>
    /// <exception cref="ShardIOException"><see cref="ShardError.NotSupported"/> where holes cannot be punched.</exception>
    void PunchHole(long offset, long length);

    /// <summary>
    /// The first range at or after <paramref name="offset"/> that may hold data. Where the file system cannot tell data from holes,
    /// all of the file is data.
    /// </summary>
    /// <returns>False if only a hole follows.</returns>
    bool TryFindData(long offset, out long start, out long end);

    /// <summary>Sets the times of last access and last modification.</summary>
    void SetTimes(ShardTimestamp accessed, ShardTimestamp modified);

    /// <summary>Sets both times to the file system's own present and returns it: the shard's clock, whatever this computer's says.</summary>
    ShardTimestamp Touch();

    /// <summary>Sets permission bits, and, where this process may, owner and group.</summary>
    /// <exception cref="ShardIOException">
    /// <see cref="ShardError.NotSupported"/> where there are none (<see cref="ShardCapabilities.KeepsPermissionBits"/>).
    /// </exception>
    void SetOwnership(UnixFileMode mode, uint userId, uint groupId);

    /// <summary>
    /// Marks the file as one whose data is elsewhere, or takes the mark away, so that programs which know it leave the file alone
    /// (Windows: FILE_ATTRIBUTE_OFFLINE). Does nothing where there is no such mark.
    /// </summary>
    void MarkOffline(bool isOffline)
    {
    }

    /// <summary>Makes data, size, times and attributes durable.</summary>
    void Flush();

    /// <summary>
    /// Writes back what was written through mappings on this computer, so that the next write through one moves the file's time of last
    /// modification again: a page that is dirty already can be written without a trace. Makes nothing durable.
    /// </summary>
    void WriteBack();

    /// <summary>Tells the kernel how the file will be read. A hint: never fails.</summary>
    void Advise(FileAdvice advice, long offset = 0, long length = 0);

    /// <summary>Reads an extended attribute into <paramref name="destination"/>.</summary>
    /// <returns>Its length, or -1 if the file has none of this name.</returns>
    /// <exception cref="ShardIOException"><see cref="ShardError.TooLarge"/> if it does not fit.</exception>
    int ReadAttribute(string name, Span<byte> destination);

    /// <summary>Sets an extended attribute.</summary>
    void WriteAttribute(string name, ReadOnlySpan<byte> value);

    /// <summary>Removes an extended attribute.</summary>
    /// <returns>Whether there was one.</returns>
    bool RemoveAttribute(string name);

    /// <summary>Asks for a lock and returns at once. Asking again for a range that this handle holds takes it anew or converts it.</summary>
    /// <remarks>
    /// A shared lock needs a handle opened for reading, an exclusive one a handle opened for writing. Where a lock cannot be converted to
    /// exclusive in one step (Windows), what it protected must be looked at again, and a refusal is a
    /// <see cref="LockStatus.Failed"/> that leaves nothing held.
    /// </remarks>
    LockResult TryLock(LockRange range, LockKind kind);

    /// <summary>Asks whether a lock would be granted, without taking it.</summary>
    LockResult QueryLock(LockRange range, LockKind kind);

    /// <summary>Gives a range back.</summary>
    LockResult Unlock(LockRange range);

    /// <summary>
    /// Makes the kernel hold every other open of this file back (Linux: a write lease) until <see cref="AdmitOpeners"/> or the end of
    /// this handle. Covers this computer only.
    /// </summary>
    OpenerExclusion TryExcludeOpeners();

    /// <summary>Ends what <see cref="TryExcludeOpeners"/> began. Never throws.</summary>
    void AdmitOpeners();
}
