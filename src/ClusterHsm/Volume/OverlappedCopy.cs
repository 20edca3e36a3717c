using System.Buffers;

namespace ClusterHsm;

/// <summary>Copies what is left of a stream by two buffers: one is written while the other is filled, so that neither side waits for the other.</summary>
internal static class OverlappedCopy
{
    /// <summary>In bytes, of each buffer. Measured (<c>streaming</c> of <c>benchmarks</c>): more gains nothing, less costs calls.</summary>
    public const int BufferSize = 256 << 10;

    /// <param name="source">Read from its position to its end.</param>
    /// <param name="left">How much will come, a hint.</param>
    /// <param name="destination">Written in order, one write at a time.</param>
    /// <param name="bufferSize">At least 1, in bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(Stream source, long left, Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        bufferSize = (int)Math.Clamp(left, 1, bufferSize);
        byte[] filling = ArrayPool<byte>.Shared.Rent(bufferSize);
        byte[]? emptying = null;
        Task emptied = Task.CompletedTask;
        try
        {
            int read;
            while ((read = await source.ReadAsync(filling.AsMemory(0, bufferSize), cancellationToken).ConfigureAwait(false)) > 0)
            {
                await emptied.ConfigureAwait(false);
                emptied = destination.WriteAsync(filling.AsMemory(0, read), cancellationToken).AsTask();
                (filling, emptying) = (emptying ?? ArrayPool<byte>.Shared.Rent(bufferSize), filling);
            }
        }
        finally
        {
            // Whatever ends it: a write that is under way has one of the buffers.
            await emptied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            if (emptying is not null)
                ArrayPool<byte>.Shared.Return(emptying);
        }
        await emptied.ConfigureAwait(false);
    }
}
