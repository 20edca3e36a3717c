using System.Globalization;
using System.Text.Unicode;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// A folder whose files and folders are looked at by name relative to its descriptor: nothing is opened, no path is walked, and a link that takes
/// the place of a file meanwhile is not followed.
/// </summary>
internal sealed unsafe class LinuxFolderSurvey : IFolderSurvey
{
    private const int UsualAttributeBytes = 1024;
    private const int UsualListBytes = 512;

    private readonly LinuxShardFileSystem _shard;
    private readonly string _path;
    private readonly DirectoryStream _entries;
    private readonly byte[] _first;
    private readonly byte[] _second;

    internal LinuxFolderSurvey(LinuxShardFileSystem shard, string path, DirectoryStream entries, string first, string second)
    {
        (_shard, _path, _entries) = (shard, path, entries);
        _first = LinuxShardFile.EncodeAttributeName(first, new byte[256]).ToArray();
        _second = LinuxShardFile.EncodeAttributeName(second, new byte[256]).ToArray();
    }

    public bool TryRead(out SurveyedEntry entry)
    {
        int errno;
        while (_entries.TryRead(out byte* name, out ShardEntryType type, out _, out errno))
        {
            if (type is ShardEntryType.SymbolicLink or ShardEntryType.Other)
                continue;
            errno = LinuxStat.Of(_entries.Descriptor, name, LinuxConstants.StatBasic, LinuxConstants.ForceSync, out StatxBuffer facts);
            if (errno == Errno.NoEntry)
                continue;
            string text = DirectoryStream.NameOf(name);
            if (errno != Errno.None)
            {
                entry = new SurveyedEntry(text, default, null, null, LinuxErrors.PathFailure("look at", FullPath(text), errno));
                return true;
            }
            ShardFileInfo info = facts.ToInfo(_shard.Device);
            if (facts.IsMountRoot) // hides the shard's own file of that name, whatever its device
                info = info with { Identity = info.Identity with { OnShardDevice = false } };
            byte[]? first = null, second = null;
            ShardIOException? failure = null;
            if (info is { Type: ShardEntryType.File, Identity.OnShardDevice: true }
                && !TryReadAttributes(name, text, out first, out second, out failure) && failure is null)
            {
                continue; // deleted meanwhile
            }
            entry = new SurveyedEntry(text, info, first, second, failure);
            return true;
        }
        entry = default;
        return errno == Errno.None ? false : throw LinuxErrors.Failure("list", _shard.FullPath(_path), errno);
    }

    public void Dispose() => _entries.Dispose();

    /// <returns>False if the file is gone, or with a failure.</returns>
    private bool TryReadAttributes(byte* name, string text, out byte[]? first, out byte[]? second, out ShardIOException? failure)
    {
        (first, second, failure) = (null, null, null);
        (bool mayHaveFirst, bool mayHaveSecond) = (true, true);
        if (_shard.Capabilities.ListsAttributes)
        {
            Span<byte> list = stackalloc byte[UsualListBytes];
            int length = Call(name, [], list);
            if (length == 0)
                return true;
            if (length > 0)
                (mayHaveFirst, mayHaveSecond) = (list[..length].IndexOf(_first) >= 0, list[..length].IndexOf(_second) >= 0);
        }
        return (!mayHaveFirst || TryReadAttribute(name, text, _first, out first, out failure))
            && (!mayHaveSecond || TryReadAttribute(name, text, _second, out second, out failure));
    }

    private bool TryReadAttribute(byte* name, string text, byte[] attribute, out byte[]? value, out ShardIOException? failure)
    {
        value = null;
        failure = null;
        Span<byte> buffer = stackalloc byte[UsualAttributeBytes];
        int length = Call(name, attribute, buffer);
        while (length == -Errno.Range) // it may grow until the next turn
        {
            length = Call(name, attribute, []);
            if (length < 0)
                break;
            buffer = new byte[Math.Max(1, length)];
            length = Call(name, attribute, buffer);
        }
        if (length >= 0)
            value = buffer[..length].ToArray();
        else if (-length == Errno.NoEntry)
            return false;
        else if (-length != Errno.NoData && LinuxErrors.KindOf(-length) != ShardError.NotSupported)
            failure = LinuxErrors.AttributeFailure("read an attribute of", FullPath(text), -length);
        return failure is null;
    }

    /// <summary>Reads an attribute, or without one the list of all: their names, each closed by a NUL.</summary>
    /// <returns>The length of the answer, or the negative error number.</returns>
    private int Call(byte* name, byte[] attribute, Span<byte> buffer)
    {
        nuint size = (nuint)buffer.Length;
        fixed (byte* key = attribute, start = buffer)
        {
            int errno = Errno.NoSystemCall;
            if (_shard.UsesXAttrAt)
            {
                XAttrArguments arguments = new() { Value = (ulong)start, Size = (uint)size };
                nint length = key is null
                    ? LinuxNative.ListXAttrAt(LinuxConstants.ListXAttrAtSystemCall, _entries.Descriptor, name, LinuxConstants.NoFollowFlag, start, size)
                    : LinuxNative.GetXAttrAt(LinuxConstants.GetXAttrAtSystemCall, _entries.Descriptor, name, LinuxConstants.NoFollowFlag, key,
                        &arguments, (nuint)sizeof(XAttrArguments));
                if (length >= 0)
                    return (int)length;
                errno = LinuxNative.LastError;
                _shard.UsesXAttrAt = errno is not (Errno.NoSystemCall or Errno.NotPermitted);
            }
            return _shard.UsesXAttrAt ? -errno : CallByPath(name, key, start, size);
        }
    }

    private int CallByPath(byte* name, byte* attribute, byte* start, nuint size)
    {
        // A name has at most 255 bytes (NAME_MAX), on a few file systems as many characters.
        Span<byte> path = stackalloc byte[1100];
        Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"/proc/self/fd/{_entries.Descriptor}/", out int written);
        for (byte* next = name; *next != 0 && written < path.Length - 1; next++)
            path[written++] = *next;
        path[written] = 0;
        fixed (byte* pointer = path)
        {
            nint length = attribute is null ? LinuxNative.LListXAttr(pointer, start, size) : LinuxNative.LGetXAttr(pointer, attribute, start, size);
            return length >= 0 ? (int)length : -LinuxNative.LastError;
        }
    }

    private string FullPath(string name) => _shard.FullPath(ShardPath.Combine(_path, name));
}
