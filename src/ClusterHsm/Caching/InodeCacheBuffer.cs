using System.Runtime.CompilerServices;
using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace ClusterHsm.Caching;

/// <summary>
/// Owns the cache's memory. A finalizer frees it, so that users of the cache have nothing to dispose of and
/// no reader can meet memory that somebody else has freed.
/// </summary>
/// <remarks>
/// Memory outside the GC heap: it is aligned to lines, never moved or scanned, and, as <c>calloc</c> maps large
/// blocks lazily, takes real memory only where something was inserted.
/// </remarks>
internal sealed unsafe class InodeCacheBuffer : CriticalFinalizerObject
{
    // The present epoch is read by every look; 128 bytes keep it clear of lines that are written, also on machines that
    // fetch lines in pairs.
    private const int EpochBytes = 128;

    private readonly void* _block;

    /// <summary>Allocates zeroed lines.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public InodeCacheBuffer(long lines)
    {
        Bytes = checked(lines * InodeCacheLine.Bytes) + (2 * EpochBytes);
        _block = NativeMemory.AllocZeroed(checked((nuint)Bytes));
        nuint aligned = ((nuint)_block + (EpochBytes - 1)) & ~(nuint)(EpochBytes - 1);
        Lines = (InodeCacheLine*)(aligned + EpochBytes);
        GC.AddMemoryPressure(Bytes);
    }

    /// <summary>Frees the memory.</summary>
    ~InodeCacheBuffer()
    {
        if (_block is null)
        {
            return;
        }

        NativeMemory.Free(_block);
        GC.RemoveMemoryPressure(Bytes);
    }

    /// <summary>All bytes asked of the system.</summary>
    public long Bytes { get; }

    /// <summary>The first line; 64-byte aligned.</summary>
    public InodeCacheLine* Lines { get; }

    /// <summary>The cell of the present epoch, at a fixed distance before the first line: a look that has the one has the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long EpochBefore(InodeCacheLine* lines) => ref *(long*)((byte*)lines - EpochBytes);
}
