using ClusterHsm.Tests.Volume;
using NUnit.Framework;

// The scenarios in which two computers can differ from one.
namespace ClusterHsm.TwoComputers;

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class StoppedNodes : ScenariosOfStoppedNodes
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Recall : ScenariosOfRecall
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Races : ScenariosOfRaces
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Sessions : ScenariosOfSessions
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Records : ScenariosOfRecords
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Modes : ScenariosOfModes
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Release : ScenariosOfRelease
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Readers : ScenariosOfReaders
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class StubMaking : ScenariosOfStubMaking
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}

[TestFixture]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class State : ScenariosOfState
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => SecondComputer.NewShard(lease);
}
