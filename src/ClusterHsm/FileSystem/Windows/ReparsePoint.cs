using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>What a reparse point holds (<c>REPARSE_DATA_BUFFER</c>, [MS-FSCC] 2.1.2).</summary>
internal static class ReparsePoint
{
    /// <summary>MAXIMUM_REPARSE_DATA_BUFFER_SIZE.</summary>
    internal const int MaxLength = 16 * 1024;

    private const int HeaderLength = 8; // tag, length of the data, reserved
    private const int SymbolicLinkHeaderLength = 12; // offsets and lengths of two names, flags
    private const uint IsRelative = 1; // SYMLINK_FLAG_RELATIVE

    /// <summary>Whether the tag says: this is another name for something, and not a file stored in a way of its own.</summary>
    internal static bool IsLink(uint attributes, uint tag) =>
        (attributes & WindowsConstants.ReparsePoint) != 0 && (tag & WindowsConstants.NameSurrogate) != 0;

    /// <summary>Where a relative symbolic link leads, with <c>/</c> between names; null for absolute ones and for junctions, which always are.</summary>
    internal static string? RelativeTarget(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderLength + SymbolicLinkHeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(data) != WindowsConstants.SymbolicLinkTag)
            return null;
        ReadOnlySpan<byte> link = data[HeaderLength..];
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(link), length = BinaryPrimitives.ReadUInt16LittleEndian(link[2..]);
        if ((BinaryPrimitives.ReadUInt32LittleEndian(link[8..]) & IsRelative) == 0)
            return null;
        ReadOnlySpan<byte> names = link[SymbolicLinkHeaderLength..];
        if (offset + length > names.Length)
            return null;
        string target = new(MemoryMarshal.Cast<byte, char>(names.Slice(offset, length)));
        // "\x" is relative to the drive, and so leads out as "C:\x" does.
        return target is ['\\' or '/', ..] || target.Contains(':', StringComparison.Ordinal) ? null : target.Replace('\\', '/');
    }
}
