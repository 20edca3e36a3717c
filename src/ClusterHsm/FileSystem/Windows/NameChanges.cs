using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>Deleting and renaming by handle, as POSIX has it where the file system can (NTFS since Windows 10 1709): open files are no hindrance.</summary>
internal static unsafe class NameChanges
{
    /// <summary>Removes the name by which a handle was opened (with DELETE access).</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Delete(SafeFileHandle file)
    {
        uint flags = WindowsConstants.DispositionDelete | WindowsConstants.DispositionPosix;
        int error = Set(file, &flags, sizeof(uint), WindowsConstants.DispositionInformationEx);
        if (!Win32Error.IsUnknownCall(error))
            return error;
        byte delete = 1; // the name goes when the last handle is closed
        return Set(file, &delete, sizeof(byte), WindowsConstants.DispositionInformation);
    }

    /// <summary>Gives the file of a handle (with DELETE access) another name, atomically in the place of what has it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="directory">The directory of the new name.</param>
    /// <param name="name">The new name.</param>
    /// <returns>0, or the error number.</returns>
    internal static int Rename(SafeFileHandle file, SafeFileHandle directory, string name)
    {
        byte[] request = new byte[FileRenameHeader.NameOffset + ((name.Length + 1) * sizeof(char))];
        bool isHeld = false;
        try
        {
            directory.DangerousAddRef(ref isHeld);
            fixed (byte* start = request)
            {
                FileRenameHeader* header = (FileRenameHeader*)start;
                header->Flags = WindowsConstants.RenameReplace | WindowsConstants.RenamePosix;
                header->RootDirectory = directory.DangerousGetHandle();
                header->NameLength = (uint)(name.Length * sizeof(char));
                name.CopyTo(new Span<char>(start + FileRenameHeader.NameOffset, name.Length));
                int error = Set(file, start, request.Length, WindowsConstants.RenameInformationEx);
                if (!Win32Error.IsUnknownCall(error))
                    return error;
                header->Flags = 1; // BOOLEAN ReplaceIfExists
                return Set(file, start, request.Length, WindowsConstants.RenameInformation);
            }
        }
        finally
        {
            if (isHeld)
                directory.DangerousRelease();
        }
    }

    private static int Set(SafeFileHandle file, void* information, int length, int kind)
    {
        IoStatusBlock status;
        return Win32Error.Of(WindowsNative.NtSetInformationFile(file, &status, information, (uint)length, kind));
    }
}
