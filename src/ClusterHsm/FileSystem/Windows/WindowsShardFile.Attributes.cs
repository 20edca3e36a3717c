namespace ClusterHsm.FileSystem.Windows;

/// <summary>Extended attributes of users: each is an alternate data stream, <c>user.clusterhsm</c> the stream <c>clusterhsm</c>.</summary>
internal sealed partial class WindowsShardFile
{
    private const string Prefix = "user.";

    public int ReadAttribute(string name, Span<byte> destination)
    {
        if (!TryStreamOf(name, out string stream))
            return -1;
        int error = _shard.Features.ReadStream(_file, stream, destination, out long length);
        if (error == Win32Error.FileNotFound)
            return -1;
        if (error == Win32Error.None && length > destination.Length)
            error = Win32Error.MoreData;
        return error == Win32Error.None ? (int)length : throw AttributeFailure("read", name, error);
    }

    public void WriteAttribute(string name, ReadOnlySpan<byte> value)
    {
        int error = TryStreamOf(name, out string stream) ? _shard.Features.WriteStream(_file, stream, value) : Win32Error.NotSupported;
        if (error != Win32Error.None)
            throw AttributeFailure("write", name, error);
    }

    public bool RemoveAttribute(string name)
    {
        int error = TryStreamOf(name, out string stream) ? _shard.Features.RemoveStream(_file, stream) : Win32Error.FileNotFound;
        return error switch
        {
            Win32Error.None => true,
            Win32Error.FileNotFound => false,
            _ => throw AttributeFailure("remove", name, error),
        };
    }

    /// <summary>The stream of an attribute. Attributes that are not a user's (<c>security.…</c>) no file has here.</summary>
    /// <exception cref="ArgumentException">No attribute can have this name.</exception>
    internal static bool TryStreamOf(string name, out string stream)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        stream = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : "";
        if (WindowsName.ErrorOf(name) != Win32Error.None || name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException("The name of an attribute has at most 255 characters, and none of \\ / : or NUL.", nameof(name));
        return stream.Length > 0;
    }

    private ShardIOException AttributeFailure(string verb, string name, int error) =>
        WindowsErrors.StreamFailure($"{verb} the attribute {name} of", _shard.FullPath(Path), error);
}
