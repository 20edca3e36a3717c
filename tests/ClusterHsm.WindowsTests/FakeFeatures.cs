using System.Collections.Concurrent;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Windows;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.WindowsTests;

/// <summary>
/// What Wine only pretends to do, in the memory of this process: streams and the OFFLINE attribute, kept by the file's id, and holes, which
/// are blocks of zeros. Says nothing about NTFS.
/// </summary>
internal sealed class FakeFeatures : VolumeFeatures
{
    private const int Block = 65_536;

    private readonly ConcurrentDictionary<(ulong Inode, string Name), byte[]> _streams = new();
    private readonly ConcurrentDictionary<ulong, uint> _marks = new();

    private readonly ConcurrentDictionary<ulong, bool> _withExtendedAttributes = new();
    private readonly ConcurrentQueue<Opening> _openings = [];

    /// <summary>What was opened by a path, and how, so far.</summary>
    internal IReadOnlyCollection<Opening> Openings => _openings;

    /// <summary>
    /// Gives a file attributes, as another storage manager would. RECALL_ON_OPEN is then shown by its folder and not by the open file.
    /// </summary>
    internal void Mark(ulong inode, uint attributes) => _marks[inode] = attributes;

    /// <summary>As an open file shows it: FILE_ATTRIBUTE_EA.</summary>
    internal void GiveExtendedAttributes(ulong inode) => _withExtendedAttributes[inode] = true;

    internal override bool HasStreams(uint volumeFlags) => true;

    internal override bool HasHoles(uint volumeFlags) => true;

    internal override bool TellsAllocation(string volumeType) => false;

    internal override int MakeSparse(SafeFileHandle file) => Win32Error.None;

    internal override int Zero(SafeFileHandle file, long start, long end)
    {
        end = Math.Min(end, RandomAccess.GetLength(file));
        for (long at = start; at < end; at += Block)
        {
            int error = PositionalAccess.Write(file, new byte[Math.Min(Block, end - at)], at);
            if (error != Win32Error.None)
                return error;
        }
        return Win32Error.None;
    }

    internal override int FindData(SafeFileHandle file, long from, long to, out long start, out long end)
    {
        start = end = from;
        byte[] buffer = new byte[Block];
        for (long at = from; at < to;)
        {
            int length = (int)(Math.Min(to, (at / Block + 1) * Block) - at);
            int error = PositionalAccess.Read(file, buffer.AsSpan(0, length), at, out int read);
            if (error != Win32Error.None)
                return error;
            bool isData = buffer.AsSpan(0, read).ContainsAnyExcept((byte)0);
            if (isData && start == end)
                start = at;
            else if (!isData && start != end)
                break;
            at += length;
            end = isData ? at : start = at;
        }
        return Win32Error.None;
    }

    internal override int ReadStream(SafeFileHandle file, string name, Span<byte> destination, out long length)
    {
        bool isThere = _streams.TryGetValue((IdOf(file), name), out byte[]? value);
        length = value?.Length ?? 0;
        if (isThere)
            value.AsSpan(0, (int)Math.Min(length, destination.Length)).CopyTo(destination);
        return isThere ? Win32Error.None : Win32Error.FileNotFound;
    }

    internal override int WriteStream(SafeFileHandle file, string name, ReadOnlySpan<byte> value)
    {
        _streams[(IdOf(file), name)] = value.ToArray();
        return Win32Error.None;
    }

    internal override int RemoveStream(SafeFileHandle file, string name) =>
        _streams.TryRemove((IdOf(file), name), out _) ? Win32Error.None : Win32Error.FileNotFound;

    internal override uint AttributesOf(SafeFileHandle file, uint told) => Shown(IdOf(file), told);

    internal override uint ListedAttributesOf(ulong fileId, uint told) => told | _marks.GetValueOrDefault(fileId);

    internal override void Opens(string path, uint access, uint options) => _openings.Enqueue(new Opening(path, access, options));

    internal override int SetOffline(SafeFileHandle file, bool isOffline)
    {
        _marks[IdOf(file)] = isOffline ? WindowsConstants.Offline : 0;
        return Win32Error.None;
    }

    /// <param name="Path">With backslashes.</param>
    /// <param name="Access">Access rights.</param>
    /// <param name="Options">Options of NtCreateFile.</param>
    internal readonly record struct Opening(string Path, uint Access, uint Options)
    {
        internal bool MayFetch => (Options & WindowsConstants.OpenNoRecall) == 0;
    }

    private uint Shown(ulong inode, uint told) => told | (_marks.GetValueOrDefault(inode) & ~WindowsConstants.RecallOnOpen)
        | (_withExtendedAttributes.ContainsKey(inode) ? 0x40000u : 0);

    private static ulong IdOf(SafeFileHandle file) =>
        WindowsFacts.AskIdentity(file, 0, out FileIdentity identity) == Win32Error.None ? identity.Inode : throw new IOException("It has no identity.");
}
