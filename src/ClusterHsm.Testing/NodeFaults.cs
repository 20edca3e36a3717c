using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>The faults that a test orders for one node.</summary>
/// <remarks>
/// Thread-safe. Every fault counts all calls that it was made for. Of several that strike one call, delays come first, then the oldest
/// of the others.
/// </remarks>
/// <example><code>
/// node.Faults.OnLock(ControlFolder.SignalPath, LockKind.Shared).Once().Deny();
/// node.Faults.On(ShardOperation.Write, "scan.tif").After(2).Fail(ShardError.NoSpace);
/// node.Faults.CrashAfterMutation(7);
/// </code></example>
public sealed class NodeFaults
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];

    internal NodeFaults() { }

    /// <summary>A fault of one kind of call.</summary>
    /// <param name="operation">Which call.</param>
    /// <param name="path">On which path, old or new of a rename; null for any.</param>
    public Fault On(ShardOperation operation, string? path = null) => When(info => info.Operation == operation && Concerns(info, path));

    /// <summary>A fault of the calls that a condition picks. The condition must not call the shard.</summary>
    public Fault When(Func<ShardOperationInfo, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Add(new Fault(condition));
    }

    /// <summary>A fault of lock calls, taken and queried.</summary>
    /// <param name="path">On which path; null for any.</param>
    /// <param name="kind">Of which kind; null for any.</param>
    /// <param name="offset">On a range that holds this byte; null for any.</param>
    public LockFault OnLock(string? path = null, LockKind? kind = null, long? offset = null) =>
        Add(new LockFault(info => info.Operation is ShardOperation.Lock or ShardOperation.QueryLock
            && Concerns(info, path)
            && (kind is null || info.LockKind == kind)
            && (offset is not { } at || (info.Offset <= at && at - info.Offset < info.Length))));

    /// <summary>The node crashes just before its n-th mutation (<see cref="InMemoryNode.MutationCount"/>) from now on.</summary>
    /// <param name="number">1 for the next one.</param>
    public Fault CrashBeforeMutation(int number) => AtMutation(number).CrashBefore();

    /// <summary>The node crashes just after its n-th mutation (<see cref="InMemoryNode.MutationCount"/>) from now on.</summary>
    /// <param name="number">1 for the next one.</param>
    public Fault CrashAfterMutation(int number) => AtMutation(number).CrashAfter();

    /// <summary>Ends all faults.</summary>
    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    /// <summary>What strikes a call: the delays are run here, the first of the others is returned.</summary>
    internal Fault.Effect Strike(ShardOperationInfo info)
    {
        Fault[] faults;
        lock (_gate)
        {
            if (_faults.Count == 0)
                return default;
            _faults.RemoveAll(f => f.IsSpent);
            faults = [.. _faults];
        }
        Fault.Effect result = default;
        foreach (Fault fault in faults)
        {
            Fault.Effect effect = fault.Consider(info);
            if (effect.Kind == Fault.EffectKind.Delay)
                effect.Action!();
            else if (result.Kind == Fault.EffectKind.None)
                result = effect;
        }
        return result;
    }

    private static bool Concerns(ShardOperationInfo info, string? path) => path is null || info.Path == path || info.NewPath == path;

    private Fault AtMutation(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return When(static info => info.IsMutation).After(number - 1).Once();
    }

    private T Add<T>(T fault) where T : Fault
    {
        lock (_gate)
            _faults.Add(fault);
        return fault;
    }
}
