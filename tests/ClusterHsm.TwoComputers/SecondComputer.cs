using ClusterHsm.NodeProcess;
using ClusterHsm.Tests.Volume;

namespace ClusterHsm.TwoComputers;

/// <summary>
/// The other computer, or the other client on this one, as the environment tells: <c>CLUSTERHSM_MOUNT</c> is where the file system is
/// here, <c>CLUSTERHSM_MOUNT_THERE</c> where it is there, if that is another path, and <c>CLUSTERHSM_THERE</c> the command that runs a
/// program there (<c>ssh n2</c>). This program is at the same path on both. <c>CLUSTERHSM_RECORDED</c> is what an operator
/// records in shard.json who has proven it (<c>"lockReach": "Shared"</c>).
/// </summary>
internal static class SecondComputer
{
    private static int s_shards;

    /// <summary>Longer than on a local file system: these may be emulated computers, on which a lock takes milliseconds.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(2);

    public static string Mount { get; } = Tell("CLUSTERHSM_MOUNT");

    public static string MountThere { get; } = Environment.GetEnvironmentVariable("CLUSTERHSM_MOUNT_THERE") ?? Mount;

    public static string[] Command { get; } = Tell("CLUSTERHSM_THERE").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A name that no other folder on the file system has.</summary>
    public static string NewName() => $"{Interlocked.Increment(ref s_shards)}-{Environment.ProcessId}";

    /// <summary>A fresh shard: this process is a node here, other processes are nodes there.</summary>
    public static LocalShard NewShard(TimeSpan? lease)
    {
        string name = NewName();
        TimeSpan longest = lease is { } wanted && wanted > s_lease ? wanted : s_lease;
        LocalShard shard = new(Path.Combine(Mount, name, "store"), longest,
            nodes: [new NodePlace(Path.Combine(Mount, name, "shard"), []), NodeAt(Path.Combine(MountThere, name, "shard"))]);
        if (Environment.GetEnvironmentVariable("CLUSTERHSM_RECORDED") is { Length: > 0 } recorded)
            Record(shard, recorded);
        return shard;
    }

    /// <summary>What the doctor's words ask an operator to record.</summary>
    public static void Record(LocalShard shard, string proven)
    {
        string descriptor = shard.PathOf(".clusterhsm/shard.json");
        File.WriteAllText(descriptor, File.ReadAllText(descriptor).Replace("{", $"{{ {proven},", StringComparison.Ordinal));
    }

    /// <summary>A node there.</summary>
    public static NodePlace NodeAt(string root) => new(root, Command)
    {
        Program = [Path.ChangeExtension(typeof(ComposedNode).Assembly.Location, null)],
        IsElsewhere = true,
    };

    public static string Tell(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{name} is not set; tests/cluster/vm-lab and tests/cluster/ceph-lab set it.");
}
