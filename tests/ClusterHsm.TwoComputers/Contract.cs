using ClusterHsm.FileSystem;
using ClusterHsm.Tests.FileSystem;
using ClusterHsm.Tests.FileSystem.Linux;
using NUnit.Framework;

// The contract of a shard's file system with one node here and the other on the other client's mount, where this computer has both.
namespace ClusterHsm.TwoComputers;

/// <summary>A folder on the file system; nodes open it by the two mounts in turn.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ShardOnTwoMounts : ShardUnderTest
{
    private readonly string _name = SecondComputer.NewName();
    private readonly List<IShardFileSystem> _nodes = [];

    public ShardOnTwoMounts() => Directory.CreateDirectory(Root);

    private string Root => Path.Combine(SecondComputer.Mount, _name);

    /// <summary>CephFS counts the seconds since then in 32 bits without a sign, up to 2106.</summary>
    public override bool KeepsTimesBefore1970 => false;

    public override IShardFileSystem OpenNode()
    {
        IShardFileSystem node = ShardFileSystem.Open(_nodes.Count % 2 == 0 ? Root : Path.Combine(SecondComputer.MountThere, _name));
        _nodes.Add(node);
        return node;
    }

    public override void CreateHardLink(string existing, string path) => LinuxShard.HardLink(PathOf(existing), PathOf(path));

    public override void CreateSymbolicLink(string path, string target) => File.CreateSymbolicLink(PathOf(path), target);

    public override void CreatePipe(string path) => LinuxShard.Pipe(PathOf(path));

    public override void LetTimePass() => LinuxShard.LetTimePass(PathOf(".clock"));

    public override void Dispose()
    {
        foreach (IShardFileSystem node in _nodes)
            node.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private string PathOf(string path) => Path.Combine(Root, path);
}

[TestFixture]
public sealed class FilesOnTwoMounts : ContractOfFiles<ShardOnTwoMounts>;

[TestFixture]
public sealed class HolesOnTwoMounts : ContractOfHoles<ShardOnTwoMounts>;

[TestFixture]
public sealed class LocksOnTwoMounts : ContractOfLocks<ShardOnTwoMounts>;

[TestFixture]
public sealed class AttributesOnTwoMounts : ContractOfAttributes<ShardOnTwoMounts>;

[TestFixture]
public sealed class FactsOnTwoMounts : ContractOfFacts<ShardOnTwoMounts>;

[TestFixture]
public sealed class DirectoriesOnTwoMounts : ContractOfDirectories<ShardOnTwoMounts>;

[TestFixture]
public sealed class NamesOnTwoMounts : ContractOfNames<ShardOnTwoMounts>;

[TestFixture]
public sealed class OpenersOnTwoMounts : ContractOfOpeners<ShardOnTwoMounts>;
