using ClusterHsm.FileSystem;
using ClusterHsm.Testing;

namespace ClusterHsm.Tests.FileSystem;

public sealed class InMemoryShard : ShardUnderTest
{
    private readonly InMemoryCluster _cluster = new();

    public override IShardFileSystem OpenNode() => _cluster.AddNode("node" + _cluster.Nodes.Count);

    public override void CreateHardLink(string existing, string path) => _cluster.CreateHardLink(existing, path);

    public override void CreateSymbolicLink(string path, string target) => _cluster.CreateSymbolicLink(path, target);

    public override void CreatePipe(string path) => _cluster.CreatePipe(path);

    public override void LetTimePass() => _cluster.Advance(TimeSpan.FromSeconds(1));

    public override void Dispose()
    {
        foreach (InMemoryNode node in _cluster.Nodes)
            node.Dispose();
    }
}
