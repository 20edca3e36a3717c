namespace ClusterHsm.Testing;

/// <summary>
/// The node crashed here, because the test ordered it. Stands for the end of the process: only the test should catch it, so it is no
/// <see cref="IOException"/>.
/// </summary>
public sealed class NodeCrashedException : Exception
{
    internal NodeCrashedException(string node, ShardOperationInfo operation, bool done)
        : base($"Node '{node}' crashed {(done ? "after" : "before")} {operation.Operation} of '{operation.Path}', as ordered.")
    {
        Node = node;
        Operation = operation;
        WasDone = done;
    }

    /// <summary>Which node.</summary>
    public string Node { get; }

    /// <summary>What it was doing.</summary>
    public ShardOperationInfo Operation { get; }

    /// <summary>Whether the operation was done before the crash.</summary>
    public bool WasDone { get; }
}
