namespace ClusterHsm.Coordination;

/// <summary>Names inside a shard's control folder.</summary>
public static class ControlFolder
{
    /// <summary>The folder, at the root of the shard.</summary>
    public const string Name = ".clusterhsm";

    /// <summary>The signal file.</summary>
    public const string SignalPath = Name + "/signal";

    /// <summary>The quiesce file.</summary>
    public const string QuiescePath = Name + "/quiesce";

    /// <summary>What all nodes must agree on.</summary>
    public const string DescriptorPath = Name + "/shard.json";

    /// <summary>One file for each node that is on the shard.</summary>
    public const string NodesPath = Name + "/nodes";

    /// <summary>The key that signs the shard's records, where it has one.</summary>
    public const string KeyPath = Name + "/key";
}
