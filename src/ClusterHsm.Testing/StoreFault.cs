using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Testing;

/// <summary>A fault on order, for the calls of a store that it was made for. It does nothing until it is told what.</summary>
/// <remarks>Thread-safe. Told more than once what to do, it does the last.</remarks>
public sealed class StoreFault
{
    private readonly StoreOperation _operation;
    private readonly ObjectKey? _key;
    private readonly Lock _gate = new();
    private Func<ObjectKey?, CancellationToken, Task>? _effect;
    private int _after;
    private int _times = int.MaxValue;
    private int _seen;

    internal StoreFault(StoreOperation operation, ObjectKey? key)
    {
        _operation = operation;
        _key = key;
    }

    /// <summary>How often it has struck.</summary>
    public int Hits { get; private set; }

    /// <summary>Lets this many calls pass first.</summary>
    public StoreFault After(int calls)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(calls);
        lock (_gate)
            _after = calls;
        return this;
    }

    /// <summary>Strikes this many times, then lets all pass. Without it, it strikes until it is removed.</summary>
    public StoreFault Times(int calls)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(calls);
        lock (_gate)
            _times = calls;
        return this;
    }

    /// <summary>Strikes once.</summary>
    public StoreFault Once() => Times(1);

    /// <summary>The call fails with a <see cref="StoreUnavailableException"/>.</summary>
    public StoreFault Unavailable() => Throw(key => InMemoryStore.UnavailableError(key));

    /// <summary>The call fails with a <see cref="NoSpaceException"/>.</summary>
    public StoreFault Full() => Throw(key => InMemoryStore.FullError(key));

    /// <summary>The call fails with what a function makes of the key, null where the call has none.</summary>
    public StoreFault Throw(Func<ObjectKey?, Exception> failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return Do((key, _) => Task.FromException(failure(key)));
    }

    /// <summary>The call waits for the gate, or for its cancellation, and is then made.</summary>
    public StoreFault WaitFor(Task gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        return Do((_, cancellationToken) => gate.WaitAsync(cancellationToken));
    }

    /// <summary>Ends it. Calls that wait go on waiting for their gate.</summary>
    public void Remove() => Times(0);

    internal Task StrikeAsync(StoreOperation operation, ObjectKey? key, CancellationToken cancellationToken)
    {
        if (operation != _operation || (_key is not null && _key != key))
            return Task.CompletedTask;
        Func<ObjectKey?, CancellationToken, Task> effect;
        lock (_gate)
        {
            if (_effect is null || _seen++ < _after || Hits >= _times)
                return Task.CompletedTask;
            Hits++;
            effect = _effect;
        }
        return effect(key, cancellationToken);
    }

    private StoreFault Do(Func<ObjectKey?, CancellationToken, Task> effect)
    {
        lock (_gate)
            _effect = effect;
        return this;
    }
}

/// <summary>The faults that a test orders for a store.</summary>
/// <remarks>Thread-safe.</remarks>
/// <example><code>
/// var gate = new TaskCompletionSource();
/// store.Faults.On(StoreOperation.Read).WaitFor(gate.Task);
/// </code></example>
public sealed class StoreFaults
{
    private readonly Lock _gate = new();
    private readonly List<StoreFault> _faults = [];

    internal StoreFaults() { }

    /// <summary>A fault of one kind of call.</summary>
    /// <param name="operation">Which call.</param>
    /// <param name="key">On which object; null for any.</param>
    public StoreFault On(StoreOperation operation, ObjectKey? key = null)
    {
        var fault = new StoreFault(operation, key);
        lock (_gate)
            _faults.Add(fault);
        return fault;
    }

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    internal async ValueTask StrikeAsync(StoreOperation operation, ObjectKey? key, CancellationToken cancellationToken)
    {
        StoreFault[] faults;
        lock (_gate)
            faults = [.. _faults];
        foreach (StoreFault fault in faults)
            await fault.StrikeAsync(operation, key, cancellationToken).ConfigureAwait(false);
    }
}
