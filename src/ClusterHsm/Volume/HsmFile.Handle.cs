using Microsoft.Win32.SafeHandles;

namespace ClusterHsm;

// The descriptor handed out (R7).
public sealed partial class HsmFile
{
    private volatile bool _isHandedOut;

    /// <summary>
    /// The operating system's handle, for <see cref="RandomAccess"/>, a mapping or a native library. A stub is recalled first.
    /// </summary>
    /// <remarks>
    /// From then on this file holds its lock until it is closed, so that it is not released meanwhile (R7). What is read through the
    /// handle or a mapping is not looked at afterwards, as a read of this class is: a process that is stopped for longer than the file
    /// system keeps the locks of a silent client can read a hole through it. So read through this class where you can. The handle ends
    /// with this file; closing it does no harm.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait for the lock or the recall.</param>
    /// <exception cref="StubFileException">It is a stub, and was not opened with <see cref="StubAccess.Recall"/>.</exception>
    /// <exception cref="HsmAccessDeniedException">It is a stub, and this process may not recall it.</exception>
    /// <exception cref="ShardNotSupportedException">This shard's files have no handles of the operating system.</exception>
    public async ValueTask<SafeFileHandle> GetHandleAsync(CancellationToken cancellationToken = default)
    {
        _isHandedOut = true;
        ObjectInUse? through = await TranslateAsync(EstablishAsync(cancellationToken)).ConfigureAwait(false);
        if (through is not null)
        {
            await through.LetGoAsync().ConfigureAwait(false);
            throw _options.StubAccess == StubAccess.ReadThrough
                ? new StubFileException(Display, "it is a stub: a handle to it would read a hole", $"Open it with {nameof(StubAccess)}.{nameof(StubAccess.Recall)}")
                : new HsmAccessDeniedException(Display, "it is a stub, and to recall it needs write permission", "Have it recalled by a user who may write it");
        }
        return _file.Handle ?? throw new ShardNotSupportedException(Display, "files of this shard have no handle of the operating system",
            $"Read it through {nameof(HsmFile)}");
    }

    private async ValueTask<T> TranslateAsync<T>(ValueTask<T> work)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (Exception e) when (_context.TryTranslate(e, out HsmException? named))
        {
            throw named;
        }
    }
}
