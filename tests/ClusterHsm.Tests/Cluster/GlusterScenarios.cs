using ClusterHsm.Tests.Volume;
using NUnit.Framework;

namespace ClusterHsm.Tests.Cluster;

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecall : ScenariosOfRecall
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecallAndNames : ScenariosOfRecallAndNames
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRaces : ScenariosOfRaces
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfSessions : ScenariosOfSessions
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecords : ScenariosOfRecords
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStoppedNodes : ScenariosOfStoppedNodes
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfModes : ScenariosOfModes
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRecallFailures : ScenariosOfRecallFailures
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStubAccess : ScenariosOfStubAccess
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRelease : ScenariosOfRelease
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfRemoval : ScenariosOfRemoval
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfState : ScenariosOfState
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}

[TestFixture]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class GlusterScenariosOfStubsElsewhere : ScenariosOfStubsElsewhere
{
    private protected override LocalShard NewShard(TimeSpan? lease = null) => GlusterVolume.NewShard(lease);
}
