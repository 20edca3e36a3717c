using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// A descriptor that counts the calls under way on it, so that its number is never given to another file beneath a concurrent read.
/// </summary>
/// <remarks>Not <c>SafeFileHandle</c>, which asks the kernel for more than is needed here.</remarks>
internal sealed class LinuxFileHandle : SafeHandle
{
    internal LinuxFileHandle(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    /// <summary>With process-owned locks: the account of the inode, without which no descriptor of it may be closed.</summary>
    internal InodeLocks? Account { get; set; }

    /// <summary>The descriptor, which stays open until <see cref="LetGo"/>. For calls that throw nothing in between.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    internal int Hold()
    {
        bool isHeld = false;
        DangerousAddRef(ref isHeld);
        return (int)handle;
    }

    /// <summary>Ends one <see cref="Hold"/>; the last one after a dispose closes the descriptor.</summary>
    internal void LetGo() => DangerousRelease();

    protected override bool ReleaseHandle()
    {
        int descriptor = (int)handle;
        if (Account is null)
            return LinuxNative.Close(descriptor) == 0;
        Account.CloseDescriptor(this, descriptor);
        return true;
    }
}
