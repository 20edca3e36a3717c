using ClusterHsm.NodeProcess;
using ClusterHsm.Tests.Volume;

namespace ClusterHsm.TwoComputers;

/// <summary>
/// The other computer, as the environment tells: <c>CLUSTERHSM_MOUNT</c> is where both have the file system,
/// <c>CLUSTERHSM_THERE</c> the command that runs a program there (<c>ssh n2</c>). This program is at the same path on both.
/// </summary>
internal static class SecondComputer
{
    private static int s_shards;

    /// <summary>Longer than on a local file system: these may be emulated computers, on which a lock takes milliseconds.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(2);

    public static string Mount { get; } = Tell("CLUSTERHSM_MOUNT");

    public static string[] Command { get; } = Tell("CLUSTERHSM_THERE").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A fresh shard: this process is a node here, other processes are nodes there.</summary>
    public static LocalShard NewShard(TimeSpan? lease)
    {
        string folder = Path.Combine(Mount, $"{Interlocked.Increment(ref s_shards)}-{Environment.ProcessId}"), root = Path.Combine(folder, "shard");
        TimeSpan longest = lease is { } wanted && wanted > s_lease ? wanted : s_lease;
        return new LocalShard(Path.Combine(folder, "store"), longest, nodes: [new NodePlace(root, []), NodeAt(root)]);
    }

    /// <summary>A node there.</summary>
    public static NodePlace NodeAt(string root) => new(root, Command)
    {
        Program = [Path.ChangeExtension(typeof(ComposedNode).Assembly.Location, null)],
        IsElsewhere = true,
    };

    private static string Tell(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{name} is not set; tests/cluster/vm-lab sets it.");
}
