namespace ClusterHsm.FileSystem.Linux;

/// <summary>Extended attributes.</summary>
internal sealed unsafe partial class LinuxShardFile
{
    private const int MaxNameBytes = 256; // XATTR_NAME_MAX is 255

    public int ReadAttribute(string name, Span<byte> destination)
    {
        Span<byte> encoded = EncodeAttributeName(name, stackalloc byte[MaxNameBytes]);
        byte none = 0;
        nint length;
        fixed (byte* namePointer = encoded, start = destination)
        {
            // A size of 0 asks for the length only, so that an empty destination must be looked at afterwards.
            length = LinuxNative.FGetXAttr(_file, namePointer, destination.IsEmpty ? &none : start, (nuint)destination.Length);
        }
        if (length < 0)
            return LinuxNative.LastError is int errno && errno == Errno.NoData ? -1 : throw AttributeFailure("read", name, errno);
        return length <= destination.Length ? (int)length : throw AttributeFailure("read", name, Errno.Range);
    }

    public void WriteAttribute(string name, ReadOnlySpan<byte> value)
    {
        Span<byte> encoded = EncodeAttributeName(name, stackalloc byte[MaxNameBytes]);
        fixed (byte* namePointer = encoded, start = value)
        {
            if (LinuxNative.FSetXAttr(_file, namePointer, start, (nuint)value.Length, 0) != 0)
                throw AttributeFailure("write", name, LinuxNative.LastError);
        }
    }

    public bool RemoveAttribute(string name)
    {
        Span<byte> encoded = EncodeAttributeName(name, stackalloc byte[MaxNameBytes]);
        fixed (byte* namePointer = encoded)
        {
            if (LinuxNative.FRemoveXAttr(_file, namePointer) == 0)
                return true;
            return LinuxNative.LastError is int errno && errno == Errno.NoData ? false : throw AttributeFailure("remove", name, errno);
        }
    }

    /// <summary>An attribute's name as bytes closed by a NUL.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than 255 bytes, or holds a NUL.</exception>
    internal static Span<byte> EncodeAttributeName(string name, Span<byte> buffer)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Span<byte> room = stackalloc byte[MaxNameBytes * 3];
        if (name.Length >= MaxNameBytes)
            throw new ArgumentException("The name of an extended attribute has at most 255 bytes.", nameof(name));
        int length = FileNameCoding.Encode(name, room);
        if (length >= MaxNameBytes)
            throw new ArgumentException("The name of an extended attribute has at most 255 bytes.", nameof(name));
        room[..(length + 1)].CopyTo(buffer);
        return buffer[..(length + 1)];
    }

    private ShardIOException AttributeFailure(string verb, string name, int errno) =>
        LinuxErrors.AttributeFailure($"{verb} the attribute {name} of", _shard.FullPath(Path), errno);
}
