using System.Runtime.InteropServices.Marshalling;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>
/// A descriptor that counts the calls under way on it, so that its number is never given to another file beneath a concurrent read.
/// </summary>
/// <remarks>
/// What <c>SafeHandle</c> does, in two objects, because to make one with a finalizer and to suppress it was the largest part of what a
/// relaxed open costs in the runtime: this one, which each open makes anew and which alone decides whether the descriptor may be used, and a
/// <see cref="DescriptorGuard"/> with the finalizer, which is used again. Thread-safe.
/// </remarks>
[NativeMarshalling(typeof(LinuxFileHandleMarshaller))]
internal sealed class LinuxFileHandle : IDisposable
{
    private const int Disposed = 1;
    private const int OneHold = 2;

    private readonly int _descriptor;
    private readonly DescriptorGuard _guard;

    // Holds, that of the owner among them, and the lowest bit once the owner has ended its own.
    private int _state = OneHold;

    internal LinuxFileHandle(int descriptor)
    {
        _descriptor = descriptor;
        _guard = DescriptorGuard.Of(this);
    }

    /// <summary>Whether it was disposed of. Calls under way may still hold the descriptor.</summary>
    internal bool IsClosed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>With process-owned locks: the account of the inode, without which no descriptor of it may be closed.</summary>
    internal InodeLocks? Account { get; set; }

    /// <summary>The descriptor, for an owner who shares the handle with nobody and will dispose of it later.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>The descriptor, which stays open until <see cref="LetGo"/>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    internal int Hold()
    {
        int state = Volatile.Read(ref _state);
        while (true)
        {
            ObjectDisposedException.ThrowIf((state & Disposed) != 0, this);
            int seen = Interlocked.CompareExchange(ref _state, state + OneHold, state);
            if (seen == state)
                return _descriptor;
            state = seen;
        }
    }

    /// <summary>Ends one <see cref="Hold"/>; the last one after a dispose closes the descriptor.</summary>
    internal void LetGo()
    {
        if (Interlocked.Add(ref _state, -OneHold) == Disposed)
            Close();
    }

    /// <summary>Closes the descriptor, or leaves that to the last call that is under way on it.</summary>
    public void Dispose()
    {
        int state = Volatile.Read(ref _state);
        while ((state & Disposed) == 0)
        {
            int left = (state - OneHold) | Disposed;
            int seen = Interlocked.CompareExchange(ref _state, left, state);
            if (seen == state && left == Disposed)
                Close();
            state = seen == state ? left : seen;
        }
    }

    /// <summary>Ends this handle and leaves the descriptor open, for whoever has taken it over. No other thread may use the handle.</summary>
    internal void Detach()
    {
        _guard.End();
        Volatile.Write(ref _state, Disposed);
    }

    /// <summary>Comes once: a state of <see cref="Disposed"/> and no holds is never left.</summary>
    private void Close()
    {
        _guard.End();
        if (Account is { } account)
            account.CloseDescriptor(this, _descriptor);
        else
            LinuxNative.Close(_descriptor);
    }
}
