using System.IO.MemoryMappedFiles;

namespace ClusterHsm.Torture;

/// <summary>A file mapped by the parent and all its children: what one of them has noted is there for the others, even if it is killed at once.</summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    public SharedMemory(string path, long bytes)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, bytes);
        _view = _file.CreateViewAccessor(0, bytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public ref long Long(long index) => ref ((long*)_start)[index];

    public Span<byte> Bytes(long offset, int count) => new(_start + offset, count);

    public static void Raise(ref long place, long value)
    {
        long seen = Volatile.Read(ref place);
        while (seen < value)
        {
            long found = Interlocked.CompareExchange(ref place, value, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
