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

    /// <summary>getxattrat(2) came with Linux 6.13; sandboxes refuse what they do not know with EPERM.</summary>
    private static volatile bool s_hasGetXAttrAt = true;

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
                && !(TryReadAttribute(name, text, _first, out first, out failure) && TryReadAttribute(name, text, _second, out second, out failure))
                && failure is null)
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
    private bool TryReadAttribute(byte* name, string text, byte[] attribute, out byte[]? value, out ShardIOException? failure)
    {
        value = null;
        failure = null;
        Span<byte> buffer = stackalloc byte[UsualAttributeBytes];
        int length = Get(name, attribute, buffer);
        while (length == -Errno.Range) // it may grow until the next turn
        {
            length = Get(name, attribute, []);
            if (length < 0)
                break;
            buffer = new byte[Math.Max(1, length)];
            length = Get(name, attribute, buffer);
        }
        if (length >= 0)
            value = buffer[..length].ToArray();
        else if (-length == Errno.NoEntry)
            return false;
        else if (-length != Errno.NoData && LinuxErrors.KindOf(-length) != ShardError.NotSupported)
            failure = LinuxErrors.AttributeFailure("read an attribute of", FullPath(text), -length);
        return failure is null;
    }

    /// <returns>The length of the value, or the negative error number.</returns>
    private int Get(byte* name, byte[] attribute, Span<byte> buffer)
    {
        fixed (byte* key = attribute, start = buffer)
        {
            if (s_hasGetXAttrAt)
            {
                XAttrArguments arguments = new() { Value = (ulong)start, Size = (uint)buffer.Length };
                nint length = LinuxNative.GetXAttrAt(LinuxConstants.GetXAttrAtSystemCall, _entries.Descriptor, name, LinuxConstants.NoFollowFlag, key,
                    &arguments, (nuint)sizeof(XAttrArguments));
                if (length >= 0)
                    return (int)length;
                int errno = LinuxNative.LastError;
                if (errno is not (Errno.NoSystemCall or Errno.NotPermitted))
                    return -errno;
                s_hasGetXAttrAt = false;
            }
            return GetByPath(name, key, start, buffer.Length);
        }
    }

    private int GetByPath(byte* name, byte* attribute, byte* start, int size)
    {
        // A name has at most 255 bytes (NAME_MAX), on a few file systems three times as many characters.
        Span<byte> path = stackalloc byte[1100];
        Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"/proc/self/fd/{_entries.Descriptor}/", out int written);
        for (byte* next = name; *next != 0 && written < path.Length - 1; next++)
            path[written++] = *next;
        path[written] = 0;
        fixed (byte* pointer = path)
        {
            nint length = LinuxNative.LGetXAttr(pointer, attribute, start, (nuint)size);
            return length >= 0 ? (int)length : -LinuxNative.LastError;
        }
    }

    private string FullPath(string name) => _shard.FullPath(ShardPath.Combine(_path, name));
}
