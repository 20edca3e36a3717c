using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>
/// What a stub is made of: sparse files, alternate data streams, and the attributes by which other programs know one.
/// <see cref="NtfsFeatures"/> asks the volume; where there is no such volume a test puts its own in this place.
/// </summary>
/// <remarks>Thread-safe. Calls answer with an error number, 0 if all is well.</remarks>
internal abstract class VolumeFeatures
{
    /// <summary>Whether a volume with these flags keeps alternate data streams.</summary>
    internal abstract bool HasStreams(uint volumeFlags);

    /// <summary>Whether a volume with these flags keeps sparse files.</summary>
    internal abstract bool HasHoles(uint volumeFlags);

    /// <summary>Whether the allocated size of a file falls when it is made zeros.</summary>
    internal abstract bool TellsAllocation(string volumeType);

    /// <summary>Lets a file have holes from now on.</summary>
    internal abstract int MakeSparse(SafeFileHandle file);

    /// <summary>Makes a range of a sparse file zeros and frees what it held. Does not grow the file.</summary>
    internal abstract int Zero(SafeFileHandle file, long start, long end);

    /// <summary>The first range that holds data; both bounds the same if none does.</summary>
    internal abstract int FindData(SafeFileHandle file, long from, long to, out long start, out long end);

    /// <summary>Reads a stream.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The stream's name.</param>
    /// <param name="destination">Gets its beginning.</param>
    /// <param name="length">Its whole length, which may be more.</param>
    /// <returns><see cref="Win32Error.FileNotFound"/> if the file has no such stream.</returns>
    internal abstract int ReadStream(SafeFileHandle file, string name, Span<byte> destination, out long length);

    /// <summary>Gives a stream this content, durable, and leaves the file's times of access and of last modification alone.</summary>
    internal abstract int WriteStream(SafeFileHandle file, string name, ReadOnlySpan<byte> value);

    /// <summary>Removes a stream.</summary>
    internal abstract int RemoveStream(SafeFileHandle file, string name);

    /// <summary>The file's attributes, told those that the system gives.</summary>
    internal abstract uint AttributesOf(SafeFileHandle file, uint told);

    /// <summary>The attributes that a folder shows of the file with this number, told those that the system gives.</summary>
    internal abstract uint ListedAttributesOf(ulong fileId, uint told);

    /// <summary>
    /// Told of each opening by a path before it is made: without FILE_OPEN_NO_RECALL the system may fetch another storage manager's file then.
    /// </summary>
    internal abstract void Opens(string path, uint access, uint options);

    /// <summary>Sets FILE_ATTRIBUTE_OFFLINE, or takes it away.</summary>
    internal abstract int SetOffline(SafeFileHandle file, bool isOffline);
}
