using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>What a folder says of one of its names, which nobody opens for that.</summary>
/// <param name="FileId">The file's number.</param>
/// <param name="Attributes">Its attributes; here 0x40000 is FILE_ATTRIBUTE_RECALL_ON_OPEN.</param>
/// <param name="ReparseTag">Of a reparse point its tag, else 0.</param>
internal readonly record struct DirectoryEntry(ulong FileId, uint Attributes, uint ReparseTag)
{
    private const int BufferLength = 4096;

    // No name on NTFS has any of these; Wine shows names of Linux that do.
    private static readonly SearchValues<char> Wildcards = SearchValues.Create("*?<>\"");

    /// <summary>Looks for a name.</summary>
    /// <param name="folder">The folder, open to be listed by this caller alone: the handle remembers the name.</param>
    /// <param name="name">A name in it, found whatever its case where the volume does so; a short name (8.3) will do too.</param>
    /// <param name="entry">What the folder says.</param>
    /// <returns>0, or the error number; <see cref="Win32Error.FileNotFound"/> if it has no such name.</returns>
    internal static unsafe int Look(SafeFileHandle folder, string name, out DirectoryEntry entry)
    {
        bool isPattern = name.AsSpan().ContainsAny(Wildcards), isFound = false;
        byte* buffer = stackalloc byte[BufferLength];
        entry = default;
        fixed (char* text = name)
        {
            UnicodeString wanted = new() { Length = (ushort)(name.Length * sizeof(char)), MaximumLength = (ushort)(name.Length * sizeof(char)), Text = text };
            while (true)
            {
                IoStatusBlock status;
                int error = Win32Error.Of(WindowsNative.NtQueryDirectoryFile(folder, 0, 0, 0, &status, buffer, BufferLength,
                    WindowsConstants.IdBothDirectoryInformation, 0, &wanted, 0));
                if (error != Win32Error.None)
                    return error is not (Win32Error.NoMoreFiles or Win32Error.FileNotFound) ? error : isFound ? Win32Error.None : Win32Error.FileNotFound;
                FileIdBothDirInfo* found = (FileIdBothDirInfo*)buffer;
                while (true)
                {
                    ReadOnlySpan<char> itsName = new((byte*)found + FileIdBothDirInfo.NameOffset, (int)found->NameLength / sizeof(char));
                    bool isItself = itsName.SequenceEqual(name);
                    if (isItself || (!isPattern && !isFound))
                    {
                        uint tag = (found->Attributes & WindowsConstants.ReparsePoint) != 0 ? found->ExtendedLength : 0;
                        entry = new DirectoryEntry(found->FileId, found->Attributes, tag);
                        isFound = true;
                    }
                    if (isItself)
                        return Win32Error.None;
                    if (found->NextEntry == 0)
                        break;
                    found = (FileIdBothDirInfo*)((byte*)found + found->NextEntry);
                }
            }
        }
    }
}
