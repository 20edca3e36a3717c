using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.FileSystem.Windows;

/// <summary>Opens what lies below a root, and nothing else: no <c>..</c>, no symbolic link and no junction leads out of it.</summary>
/// <remarks>
/// One NtCreateFile from the root's handle, with OBJ_DONT_REPARSE: the system follows no link (Windows 10 1709). Only a path that has
/// one costs more: its links are read here (<see cref="LinkWalk"/>), and where they lead is opened in the same way.
/// </remarks>
internal sealed unsafe class BelowRoot(SafeFileHandle root, VolumeFeatures features)
{
    private const uint LookAtName = WindowsConstants.OpenReparsePoint | WindowsConstants.OpenNoRecall;

    /// <summary>Opens a path.</summary>
    /// <param name="wanted">Relative to the root; empty for the root itself.</param>
    /// <param name="access">Access rights.</param>
    /// <param name="disposition">FILE_OPEN, FILE_CREATE or FILE_OPEN_IF.</param>
    /// <param name="options">Options of NtCreateFile. With FILE_OPEN_REPARSE_POINT a link at the end of the path is opened itself.</param>
    /// <param name="file">The new handle.</param>
    /// <param name="share">What others may have it open for.</param>
    /// <returns>0, or the error number; <see cref="Win32Error.ReparsePointEncountered"/> if the path leaves the root.</returns>
    internal int Open(string wanted, uint access, uint disposition, uint options, out SafeFileHandle file, uint share = WindowsConstants.ShareAll)
    {
        file = new SafeFileHandle();
        if (!WindowsName.TrySplit(wanted, out List<string> names))
            return Win32Error.ReparsePointEncountered;
        // Whoever makes what was not there finds the name taken by a link, wherever that leads.
        bool leavesLast = (options & WindowsConstants.OpenReparsePoint) != 0 || disposition == WindowsConstants.CreateNew;
        for (int links = 0; links <= LinkWalk.MaxLinks; links++)
        {
            int fault = names.ConvertAll(static name => WindowsName.ErrorOf(name)).Find(static error => error != Win32Error.None);
            if (fault != Win32Error.None)
                return fault;
            string path = WindowsName.Join(names);
            features.Opens(path, access, options);
            int error = RelativeOpen.Open(root, path, access, disposition, options, out file, share);
            if (error != Win32Error.ReparsePointEncountered)
                return error;
            switch (LinkWalk.Follow(names, leavesLast, Look))
            {
                case LinkStep.Leaves:
                    return Win32Error.ReparsePointEncountered;
                case LinkStep.NoLink when disposition == WindowsConstants.CreateNew:
                    return Win32Error.AlreadyExists;
            }
        }
        return Win32Error.ReparsePointEncountered;
    }

    private LinkWalk.Link Look(List<string> names)
    {
        if (RelativeOpen.Open(root, WindowsName.Join(names), WindowsConstants.ReadAttributes, WindowsConstants.OpenThere, LookAtName,
            out SafeFileHandle file) != Win32Error.None)
            return default;
        using (file)
        {
            FileAttributeTagInfo tag;
            if (!WindowsNative.GetFileInformationByHandleEx(file, WindowsConstants.AttributeTagInfo, &tag, (uint)sizeof(FileAttributeTagInfo))
                || !ReparsePoint.IsLink(tag.Attributes, tag.ReparseTag))
                return default;
            byte[] data = new byte[ReparsePoint.MaxLength];
            uint length;
            fixed (byte* start = data)
            {
                if (!WindowsNative.DeviceIoControl(file, WindowsConstants.GetReparsePoint, null, 0, start, (uint)data.Length, &length, null))
                    return new LinkWalk.Link(true, null);
            }
            return new LinkWalk.Link(true, ReparsePoint.RelativeTarget(data.AsSpan(0, (int)length)));
        }
    }
}
