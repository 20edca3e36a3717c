using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.MacOS;
using ClusterHsm.Tests.FileSystem.Linux;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>A folder of its own in the temporary folder; each node opens it through Darwin's calls, which are faked on Linux.</summary>
public class DarwinFakedOnLinux : ShardUnderTest
{
    private readonly string _root = Directory.CreateTempSubdirectory("clusterhsm-darwin-").FullName;
    private readonly List<IShardFileSystem> _nodes = [];

    public override bool ReopensDeletedFiles => false;

    public override IShardFileSystem OpenNode()
    {
        IShardFileSystem node = MacShardFileSystem.Open(_root, MakeDarwin());
        _nodes.Add(node);
        return node;
    }

    public override void CreateHardLink(string existing, string path) => LinuxShard.HardLink(PathOf(existing), PathOf(path));

    public override void CreateSymbolicLink(string path, string target) => File.CreateSymbolicLink(PathOf(path), target);

    public override void CreatePipe(string path) => LinuxShard.Pipe(PathOf(path));

    public override void LetTimePass() => LinuxShard.LetTimePass(Path.Combine(Path.GetTempPath(), Path.GetFileName(_root) + ".clock"));

    public override void Dispose()
    {
        foreach (IShardFileSystem node in _nodes)
            node.Dispose();
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    internal virtual DarwinOnLinux MakeDarwin() => new();

    private string PathOf(string path) => Path.Combine(_root, path);
}

/// <summary>The same, on a Darwin that makes no holes past the end of a file.</summary>
public sealed class StricterDarwinFakedOnLinux : DarwinFakedOnLinux
{
    internal override DarwinOnLinux MakeDarwin() => new() { HolesPastTheEnd = HolesPastTheEnd.Refused, LacksFullSync = true };
}

/// <summary>The same, on a file system that makes no holes at all.</summary>
public sealed class HfsFakedOnLinux : DarwinFakedOnLinux
{
    internal override DarwinOnLinux MakeDarwin() => new() { FileSystemType = "hfs" };
}

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfFiles : ContractOfFiles<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfHoles : ContractOfHoles<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class StricterDarwinFakedOnLinuxContractOfHoles : ContractOfHoles<StricterDarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class HfsFakedOnLinuxContractOfHoles : ContractOfHoles<HfsFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfLocks : ContractOfLocks<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfAttributes : ContractOfAttributes<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfFacts : ContractOfFacts<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfDirectories : ContractOfDirectories<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfNames : ContractOfNames<DarwinFakedOnLinux>;

[TestFixture]
[Platform("Linux")]
public sealed class DarwinFakedOnLinuxContractOfOpeners : ContractOfOpeners<DarwinFakedOnLinux>;
