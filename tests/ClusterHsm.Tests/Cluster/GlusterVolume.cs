using System.Diagnostics;
using ClusterHsm.Tests.Volume;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

/// <summary>
/// A GlusterFS volume of one brick with three clients, each in a network namespace of its own, for as long as the tests of this
/// namespace run. All that it does is in <c>tests/cluster/gluster</c>.
/// </summary>
[SetUpFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterVolume
{
    /// <summary>The exit status of the script where a computer cannot.</summary>
    private const int Cannot = 77;

    private static string? _folder;
    private static int _shards;

    /// <summary>The clients that mount as <c>docs/file-systems.md</c> asks for.</summary>
    public static IReadOnlyList<string> Clients { get; } = ["n1", "n2", "n3"];

    private static string Folder => _folder ?? throw new InvalidOperationException("The GlusterFS volume is not up.");

    [OneTimeSetUp]
    public void Start()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("GlusterFS clients are a thing of Linux.");
        _folder = Path.Combine(Path.GetTempPath(), $"clusterhsm-gluster-{Environment.ProcessId}");
        (int status, string said) = Run("up", "-n", $"{Clients.Count}", "-o", $"{Environment.ProcessId}");
        if (status == Cannot)
        {
            _folder = null;
            Assert.Ignore(said);
        }
        Require("up", status, said);
    }

    [OneTimeTearDown]
    public void Stop()
    {
        if (_folder is not null)
            Script("down");
    }

    /// <summary>Runs the script's action on this volume.</summary>
    internal static void Script(string action, params string[] arguments)
    {
        (int status, string said) = Run(action, arguments);
        Require(action, status, said);
    }

    private static void Require(string action, int status, string said)
    {
        if (status != 0)
            throw new InvalidOperationException($"tests/cluster/gluster {action}: {said}");
    }

    private static (int Status, string Said) Run(string action, params string[] arguments) => RunIn(Folder, action, arguments);

    /// <summary>The script's action on the volume of a folder.</summary>
    /// <returns>Its exit status, and what it said.</returns>
    internal static (int Status, string Said) RunIn(string folder, string action, params string[] arguments)
    {
        // To files: the daemons that it starts would keep a pipe open.
        string output = Path.GetTempFileName();
        try
        {
            using Process script = Process.Start("sh", ["-c", "\"$@\" >\"$0\" 2>&1 </dev/null", output, SourceTree.PathOf("tests/cluster/gluster"), action, folder, .. arguments]);
            script.WaitForExit();
            return (script.ExitCode, File.ReadAllText(output).Trim());
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>A folder on a client's mount.</summary>
    public static string PathOn(string client, string name) => Path.Combine(Folder, client, name);

    /// <summary>The same folder on another client's mount.</summary>
    internal static string PathOn(string client, LocalShard shard) => PathOn(client, Path.GetRelativePath(PathOn(Clients[0], ""), shard.Root));

    /// <summary>A name that no other shard on the volume has.</summary>
    public static string NewName() => $"{Interlocked.Increment(ref _shards)}/shard";

    /// <summary>A fresh shard: this process is on the first client, other nodes are on the others, each process in its client's network.</summary>
    internal static LocalShard NewShard(TimeSpan? lease, bool signRecords = false)
    {
        string name = NewName();
        TimeSpan least = lease is { } wanted && wanted > ShortestLease ? wanted : ShortestLease;
        return new LocalShard(lease: lease is null ? Lease : least, signRecords: signRecords, nodes: [.. Clients.Select(client => new NodePlace(PathOn(client, name), Command(client)))]);
    }

    /// <summary>Longer than on a local file system: each lock is a round trip or two, of about a millisecond when the machine is busy.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestLease = TimeSpan.FromMilliseconds(250);

    /// <summary>The shard on another client, and a process in that client's network.</summary>
    internal static NodePlace PlaceOn(string client, LocalShard shard) => new(PathOn(client, shard), Command(client));

    private static string[] Command(string client)
    {
        string prefix = File.ReadAllText(Path.Combine(Folder, "lab", "prefix")).Trim();
        return ["nsenter", $"--net=/run/netns/{prefix}-{client}"];
    }
}
