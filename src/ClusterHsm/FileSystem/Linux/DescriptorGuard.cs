using System.Runtime.ConstrainedExecution;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>Closes the descriptor of a <see cref="LinuxFileHandle"/> that nobody has disposed of, when the garbage collector finds it.</summary>
/// <remarks>
/// <para>It never hands its handle to anybody: the handle alone knows the descriptor and whether it is open. So nothing that has kept a handle can
/// come to another's descriptor through a guard that is used again.</para>
/// <para>A critical finalizer runs after those of the program's own objects, which may still use the file; it ends the handle as a dispose
/// does, so that a call under way on a handle that came back to life keeps its descriptor.</para>
/// </remarks>
internal sealed class DescriptorGuard : CriticalFinalizerObject
{
    // One for each thread: to open a file, read it and close it needs no more, and no thread waits for another.
    [ThreadStatic]
    private static DescriptorGuard? t_spare;

    private LinuxFileHandle? _guarded;
    private bool _isFinalized;

    private DescriptorGuard()
    {
    }

    ~DescriptorGuard()
    {
        _isFinalized = true;
        _guarded?.Dispose();
    }

    /// <summary>A guard for a new handle.</summary>
    internal static DescriptorGuard Of(LinuxFileHandle handle)
    {
        DescriptorGuard guard = t_spare ?? new DescriptorGuard();
        t_spare = null;
        guard._guarded = handle;
        return guard;
    }

    /// <summary>Ends the guard of a handle, once, before its descriptor is closed; the thread's next handle may have it.</summary>
    internal void End()
    {
        _guarded = null;
        if (_isFinalized)
            return; // its finalizer does not run again
        if (t_spare is null)
            t_spare = this;
        else
            GC.SuppressFinalize(this);
    }
}
