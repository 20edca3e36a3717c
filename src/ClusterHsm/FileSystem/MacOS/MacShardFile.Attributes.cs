using System.Runtime.InteropServices;
using System.Text;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>
/// Extended attributes of users. Linux alone calls their space <c>user.</c>: here <c>user.clusterhsm</c> is the attribute
/// <c>clusterhsm</c>, as it is the stream of that name on Windows.
/// </summary>
internal sealed unsafe partial class MacShardFile
{
    private const string Prefix = "user.";

    public int ReadAttribute(string name, Span<byte> destination)
    {
        if (!TryEncode(name, out byte[] key))
            return -1;
        long answer;
        fixed (byte* namePointer = key, start = destination)
        {
            // An empty destination has no address, and then only the length is told.
            answer = _darwin.GetAttribute(_file, namePointer, start, (nuint)destination.Length);
        }
        if (answer < 0)
            return answer == -DarwinErrno.NoAttribute ? -1 : throw AttributeFailure("read", name, (int)-answer);
        return answer <= destination.Length ? (int)answer : throw AttributeFailure("read", name, DarwinErrno.Range);
    }

    public void WriteAttribute(string name, ReadOnlySpan<byte> value)
    {
        if (!TryEncode(name, out byte[] key))
            throw AttributeFailure("write", name, DarwinErrno.NotSupported);
        byte none = 0;
        int answer;
        fixed (byte* namePointer = key, start = value)
            answer = _darwin.SetAttribute(_file, namePointer, start is null ? &none : start, (nuint)value.Length);
        if (answer < 0)
            throw AttributeFailure("write", name, -answer);
    }

    public bool RemoveAttribute(string name)
    {
        if (!TryEncode(name, out byte[] key))
            return false;
        int answer;
        fixed (byte* namePointer = key)
            answer = _darwin.RemoveAttribute(_file, namePointer);
        return answer switch
        {
            >= 0 => true,
            -DarwinErrno.NoAttribute => false,
            _ => throw AttributeFailure("remove", name, -answer),
        };
    }

    /// <summary>The name of an attribute here, closed by a NUL. Attributes that are not a user's (<c>security.…</c>) no file has.</summary>
    /// <exception cref="ArgumentException">No attribute can have this name.</exception>
    internal static bool TryEncode(string name, out byte[] key)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(name) > DarwinConstants.MaxAttributeName)
            throw new ArgumentException($"The name of an attribute has at most {DarwinConstants.MaxAttributeName} bytes, and no NUL.", nameof(name));
        key = name.StartsWith(Prefix, StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(name[Prefix.Length..] + "\0") : [];
        return key.Length > 1;
    }

    /// <summary>The whole value of an attribute of a file.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int ReadWhole(IDarwin darwin, SafeHandle file, byte[] key, byte[] buffer, out byte[]? value)
    {
        value = null;
        while (true)
        {
            long answer;
            fixed (byte* name = key, start = buffer)
            {
                answer = darwin.GetAttribute(file, name, start, (nuint)buffer.Length);
                if (answer >= 0)
                {
                    value = buffer[..(int)answer];
                    return DarwinErrno.None;
                }
                if (answer == -DarwinErrno.Range)
                    answer = darwin.GetAttribute(file, name, null, 0); // it may grow until the next turn
            }
            if (answer < 0)
                return (int)-answer;
            buffer = new byte[Math.Max(1, answer)];
        }
    }

    private ShardIOException AttributeFailure(string verb, string name, int errno) =>
        DarwinErrors.AttributeFailure($"{verb} the attribute {name} of", _shard.FullPath(Path), errno);
}
