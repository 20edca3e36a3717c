using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.SecondaryStorage;

/// <summary>Reads an object of a directory store. Thread-safe; an object that is deleted meanwhile can be read to its end.</summary>
internal sealed class DirectoryObjectReader(DirectoryStoreLayout layout, ObjectKey key, SafeFileHandle file, long length) : IObjectReader
{
    public long Length { get; } = length;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ObjectDisposedException.ThrowIf(file.IsClosed, this);
        int done = 0;
        try
        {
            while (done < buffer.Length)
            {
                int read = await RandomAccess.ReadAsync(file, buffer[done..], offset + done, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    break;
                done += read;
            }
        }
        catch (Exception exception) when (DirectoryStoreErrors.IsUnnamed(exception))
        {
            throw DirectoryStoreErrors.Name(layout.Root, $"read object {key}", exception);
        }
        return done;
    }

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }
}
