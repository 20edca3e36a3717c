using System.Numerics;

namespace ClusterHsm;

/// <summary>How many accesses are under way, and a wait for their end.</summary>
/// <remarks>
/// Thread-safe. Counted in stripes, a cache line each, so that threads that open and close hardly ever share one. A thread's own number chooses
/// the stripe: that of its processor would be asked of the kernel.
/// </remarks>
internal sealed class AccessCount
{
    private const int StripeLength = 16;
    private const int MostStripes = 64;

    private readonly long[] _stripes;
    private readonly int _mask;
    private TaskCompletionSource? _ended;

    public AccessCount()
    {
        int stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, MostStripes));
        _stripes = new long[(stripes + 1) * StripeLength];
        _mask = stripes - 1;
    }

    public long Now
    {
        get
        {
            long sum = 0;
            for (int i = 0; i <= _mask; i++)
                sum += Interlocked.Read(ref Stripe(i));
            return sum;
        }
    }

    public void Begin() => Interlocked.Increment(ref OwnStripe);

    public void End()
    {
        Interlocked.Decrement(ref OwnStripe);
        Volatile.Read(ref _ended)?.TrySetResult();
    }

    /// <summary>Completes once there is none, if none begins meanwhile.</summary>
    public async Task WaitForNoneAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Those who wait at the same time share one, and before the sum: an access that ends after it completes this one.
            TaskCompletionSource? ended = Volatile.Read(ref _ended);
            if (ended is null or { Task.IsCompleted: true })
            {
                TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Interlocked.CompareExchange(ref _ended, next, ended) != ended)
                    continue;
                ended = next;
            }
            Interlocked.MemoryBarrier();
            if (Now <= 0)
                return;
            await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private ref long OwnStripe => ref Stripe(Environment.CurrentManagedThreadId & _mask);

    private ref long Stripe(int index) => ref _stripes[(index + 1) * StripeLength];
}
