using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A fresh shard for each test. The scenarios of operators inherit it; a cluster file system's tests inherit the scenarios.</summary>
[Parallelizable(ParallelScope.Self)] // most of the time is waiting for leases and processes; each fixture has one shard at a time
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public abstract class ScenarioFixture
{
    private protected LocalShard Shard { get; private set; } = null!;

    [SetUp]
    public void MakeShard() => Shard = NewShard();

    [TearDown]
    public void RemoveShard() => Shard?.Dispose();

    private protected virtual LocalShard NewShard(TimeSpan? lease = null) => new(lease: lease);
}
