namespace ClusterHsm.Torture;

/// <summary>Which versions of each block have been begun and written, kept in memory that all processes share and that no kill undoes.</summary>
/// <remarks>
/// A file has one writer, so only one process changes what is kept of a block, but for <see cref="BlockNotes.Seen"/>. A block's notes:
/// <list type="bullet">
/// <item><b>begun</b>: the version whose write has begun last;</item>
/// <item><b>ended</b>: the version whose write has ended last, however: written, failed, or its writer is dead;</item>
/// <item><b>done</b>: the version that was written completely last: the library's write returned without an error;</item>
/// <item><b>seen</b>: the highest version that any node has read.</item>
/// </list>
/// A file's: how many rewrites that truncate have begun, and how many of them are made up for by a complete rewrite.
/// </remarks>
internal sealed class Ledger : IDisposable
{
    private const int BlockNotesLength = 4, FileNotesLength = 4;
    private readonly SharedMemory _memory;
    private readonly long[] _starts;

    public Ledger(string path, int files)
    {
        Files = files;
        _starts = new long[files];
        long next = (long)files * FileNotesLength;
        for (int file = 0; file < files; file++)
        {
            _starts[file] = next;
            next += (long)FileImage.BlocksOf(file) * BlockNotesLength;
        }
        _memory = new SharedMemory(path, next * sizeof(long));
    }

    public int Files { get; }

    /// <summary>All notes of a block at one moment.</summary>
    public BlockNotes this[int file, int block] => new(
        Volatile.Read(ref Begun(file, block)), Volatile.Read(ref Ended(file, block)), Volatile.Read(ref Done(file, block)), Volatile.Read(ref Seen(file, block)));

    /// <summary>How many truncating rewrites have begun.</summary>
    public long TruncationsBegun(int file) => Volatile.Read(ref _memory.Long((long)file * FileNotesLength));

    /// <summary>How many of them are made up for.</summary>
    public long TruncationsDone(int file) => Volatile.Read(ref _memory.Long((long)file * FileNotesLength + 1));

    /// <summary>Before this moment of the monotonic clock (<see cref="System.Diagnostics.Stopwatch"/>) nobody writes the file.</summary>
    public ref long HeldUntil(int file) => ref _memory.Long((long)file * FileNotesLength + 2);

    /// <summary>All blocks have this version, as after a complete write.</summary>
    public void Begin(int file, long version)
    {
        for (int block = 0; block < FileImage.BlocksOf(file); block++)
            (Begun(file, block), Ended(file, block), Done(file, block), Seen(file, block)) = (version, version, version, version);
    }

    /// <summary>A version that no block of the range has had, from now on possible.</summary>
    public long BeginWrite(int file, int first, int count)
    {
        long version = 0;
        for (int block = first; block < first + count; block++)
            version = Math.Max(version, Volatile.Read(ref Begun(file, block)));
        version++;
        for (int block = first; block < first + count; block++)
            Volatile.Write(ref Begun(file, block), version);
        Thread.MemoryBarrier();
        return version;
    }

    /// <summary>The write was complete: from now on nothing older may be seen.</summary>
    public void CompleteWrite(int file, int first, int count, long version)
    {
        for (int block = first; block < first + count; block++)
        {
            Volatile.Write(ref Done(file, block), version);
            Volatile.Write(ref Ended(file, block), version);
        }
    }

    /// <summary>The write ended without success: each block may have the old or the new version until the next complete write.</summary>
    public void EndWrite(int file, int first, int count, long version)
    {
        for (int block = first; block < first + count; block++)
            Volatile.Write(ref Ended(file, block), version);
    }

    /// <summary>The writer of a file is dead, and nothing of its writes is under way.</summary>
    public void EndWrites(int file)
    {
        for (int block = 0; block < FileImage.BlocksOf(file); block++)
            Volatile.Write(ref Ended(file, block), Volatile.Read(ref Begun(file, block)));
    }

    public bool HasUnendedWrites(int file) =>
        Enumerable.Range(0, FileImage.BlocksOf(file)).Any(block => this[file, block] is var notes && notes.Ended < notes.Begun);

    public void BeginTruncation(int file) => Interlocked.Increment(ref _memory.Long((long)file * FileNotesLength));

    /// <summary>All of the file has been written since the last truncation.</summary>
    public void CompleteTruncation(int file) => Volatile.Write(ref _memory.Long((long)file * FileNotesLength + 1), TruncationsBegun(file));

    /// <summary>A read has brought this version: no later read may bring an older one.</summary>
    public void See(int file, int block, long version) => SharedMemory.Raise(ref Seen(file, block), version);

    public void Dispose() => _memory.Dispose();

    private ref long Begun(int file, int block) => ref _memory.Long(_starts[file] + (long)block * BlockNotesLength);

    private ref long Ended(int file, int block) => ref _memory.Long(_starts[file] + (long)block * BlockNotesLength + 1);

    private ref long Done(int file, int block) => ref _memory.Long(_starts[file] + (long)block * BlockNotesLength + 2);

    private ref long Seen(int file, int block) => ref _memory.Long(_starts[file] + (long)block * BlockNotesLength + 3);
}

/// <param name="Begun">The version whose write has begun last.</param>
/// <param name="Ended">The version whose write has ended last, however.</param>
/// <param name="Done">The version that was written completely last.</param>
/// <param name="Seen">The highest version that any node has read.</param>
internal readonly record struct BlockNotes(long Begun, long Ended, long Done, long Seen);
