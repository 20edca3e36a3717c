using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.MacOS;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>Directory streams whose entries have Darwin's layout.</summary>
internal sealed unsafe partial class DarwinOnLinux
{
    // struct dirent on 64-bit Linux: d_ino, d_off, d_reclen, d_type, d_name.
    private const int LinuxTypeOffset = 18;
    private const int LinuxNameOffset = 19;

    public int OpenDirectory(int descriptor, out nint stream)
    {
        nint linux = LinuxCalls.FdOpenDir(descriptor);
        stream = 0;
        if (linux == 0)
            return -DarwinTranslation.Errno(Marshal.GetLastPInvokeError());
        stream = (nint)NativeMemory.AllocZeroed((nuint)sizeof(Stream));
        ((Stream*)stream)->Linux = linux;
        return 0;
    }

    public int ReadDirectory(nint stream, out DarwinDirectoryEntry* entry)
    {
        Stream* state = (Stream*)stream;
        byte* found = LinuxCalls.ReadDir(state->Linux);
        entry = null;
        if (found is null)
            return Marshal.GetLastPInvokeError() is var errno and not 0 ? -DarwinTranslation.Errno(errno) : 0;
        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found + LinuxNameOffset);
        // bsd/sys/dirent.h: d_ino at 0, d_seekoff at 8, d_reclen at 16, d_namlen at 18, d_type at 20, d_name at 21.
        byte* made = state->Entry;
        *(ulong*)made = *(ulong*)found;
        *(ushort*)(made + 18) = (ushort)name.Length;
        made[20] = found[LinuxTypeOffset];
        name.CopyTo(new Span<byte>(made + 21, 1024));
        made[21 + name.Length] = 0;
        entry = (DarwinDirectoryEntry*)made;
        return 0;
    }

    public void CloseDirectory(nint stream)
    {
        _ = LinuxCalls.CloseDir(((Stream*)stream)->Linux);
        NativeMemory.Free((void*)stream);
    }

    private struct Stream
    {
        public nint Linux;
        public fixed byte Entry[1048];
    }
}
