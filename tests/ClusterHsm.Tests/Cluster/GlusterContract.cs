using System.ComponentModel;
using ClusterHsm.FileSystem;
using ClusterHsm.Tests.FileSystem;
using ClusterHsm.Tests.FileSystem.Linux;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

/// <summary>A folder on the volume; each node opens it on another client's mount.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterShard : ShardUnderTest
{
    private readonly string _name = GlusterVolume.NewName();
    private readonly List<IShardFileSystem> _nodes = [];

    public GlusterShard() => Directory.CreateDirectory(Root);

    private string Root => GlusterVolume.PathOn(GlusterVolume.Clients[0], _name);

    /// <summary>A client opens by gfid, and the brick forgets a gfid with its last name: ESTALE.</summary>
    public override bool ReopensDeletedFiles => false;

    public override IShardFileSystem OpenNode()
    {
        IShardFileSystem node = ShardFileSystem.Open(GlusterVolume.PathOn(GlusterVolume.Clients[_nodes.Count % GlusterVolume.Clients.Count], _name));
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
[Platform("Linux")]
public sealed class GlusterContractOfFiles : ContractOfFiles<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfHoles : ContractOfHoles<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfLocks : ContractOfLocks<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfAttributes : ContractOfAttributes<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfFacts : ContractOfFacts<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfDirectories : ContractOfDirectories<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfNames : ContractOfNames<GlusterShard>;

[TestFixture]
[Platform("Linux")]
public sealed class GlusterContractOfOpeners : ContractOfOpeners<GlusterShard>;
