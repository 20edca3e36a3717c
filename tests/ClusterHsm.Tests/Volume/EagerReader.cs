using ClusterHsm.Coordination;
using ClusterHsm.NodeProcess;

namespace ClusterHsm.Tests.Volume;

/// <summary>Reads an open file over and over on a thread of its own, piece by piece, but for the times when a test has it wait.</summary>
/// <remarks>
/// It has to wait while a migration begins: strict, it would hold the file's lock from one read to the next, and a migrator takes no file
/// that is locked.
/// </remarks>
internal sealed class EagerReader : IAsyncDisposable
{
    private readonly ComposedNode _node;
    private readonly HsmFile _file;
    private readonly byte[] _bytes;
    private readonly byte[] _piece = new byte[4096];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private long _reads;
    private int _wrong;

    /// <param name="node">Who reads.</param>
    /// <param name="file">The file, which stays the caller's.</param>
    /// <param name="bytes">What is in it.</param>
    public EagerReader(ComposedNode node, HsmFile file, byte[] bytes)
    {
        (_node, _file, _bytes) = (node, file, bytes);
        _reading = Task.Run(ReadOnAsync);
    }

    /// <summary>Reads that have ended.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Has it wait. When this returns it is between two reads, relaxed, and so has no lock.</summary>
    public async Task PauseAsync()
    {
        if (!await _turn.WaitAsync(NodeChild.Patience))
            throw new TimeoutException("The reader does not come to the end of a read.");
        await LetGoAsync();
    }

    /// <summary>While it waits: reads for it until its handle is relaxed.</summary>
    public async Task LetGoAsync()
    {
        while (_file.Mode != LockMode.Relaxed)
        {
            await _node.Monitor.WaitForModeAsync(LockMode.Relaxed).WaitAsync(NodeChild.Patience);
            await ReadAsync(0);
        }
    }

    /// <summary>Ends its wait.</summary>
    public void GoOn() => _turn.Release();

    /// <summary>Ends it, also while it waits.</summary>
    /// <returns>How many reads brought other bytes than the file's.</returns>
    public async Task<int> EndAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _reading;
        }
        catch (OperationCanceledException)
        {
            // It was waiting.
        }
        return _wrong;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
        _turn.Dispose();
    }

    private async Task ReadOnAsync()
    {
        for (long offset = 0; !_end.IsCancellationRequested; offset = (offset + _piece.Length) % _bytes.Length)
        {
            await _turn.WaitAsync(_end.Token);
            try
            {
                await ReadAsync(offset);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private async Task ReadAsync(long offset)
    {
        int read = await _file.ReadAsync(_piece, offset);
        int expected = (int)Math.Min(_piece.Length, _bytes.Length - offset);
        if (read != expected || !_piece.AsSpan(0, read).SequenceEqual(_bytes.AsSpan((int)offset, read)))
            _wrong++;
        Interlocked.Increment(ref _reads);
    }
}
