using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A walk through a tree of which something cannot be looked at, or that changes meanwhile.</summary>
public sealed class EnumerationTests
{
    private InMemoryNode _node = null!;

    [SetUp]
    public void SetUp()
    {
        TestBed bed = new();
        _node = bed.Cluster.AddNode("node");
        foreach (string folder in (string[])["a", "b", "c"])
        {
            _node.CreateDirectory(folder, (UnixFileMode)0x1FF);
            _node.Open($"{folder}/f", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create).Dispose();
        }
    }

    [TestCase(ShardOperation.ReadDirectory, "b")]
    [TestCase(ShardOperation.GetInfo, "b/f")]
    [TestCase(ShardOperation.ReadAttribute, "b/f")]
    public void What_cannot_be_looked_at_is_told_and_the_rest_is_seen(ShardOperation operation, string path)
    {
        _node.Faults.On(operation, path).Fail(ShardError.AccessDenied);
        List<ShardIOException> told = [];

        StatusReader.ReadTree(_node, RecordSeal.None, "", told.Add).Select(status => status.Path).Should().BeEquivalentTo("a/f", "c/f");

        told.Should().ContainSingle().Which.Path.Should().EndWith(path);
    }

    [Test]
    public void Without_anyone_to_tell_the_walk_ends_with_the_failure()
    {
        _node.Faults.On(ShardOperation.ReadDirectory, "b").Fail(ShardError.AccessDenied);

        FluentActions.Enumerating(() => StatusReader.ReadTree(_node, RecordSeal.None, "", null)).Should().Throw<ShardIOException>();
    }

    [TestCase(ShardOperation.ReadDirectory, "b")]
    [TestCase(ShardOperation.ReadAttribute, "b/f")]
    public void What_is_deleted_meanwhile_is_no_failure(ShardOperation operation, string path)
    {
        _node.Faults.On(operation, path).Fail(ShardError.NotFound);

        StatusReader.ReadTree(_node, RecordSeal.None, "", null).Select(status => status.Path).Should().BeEquivalentTo("a/f", "c/f");
    }
}
