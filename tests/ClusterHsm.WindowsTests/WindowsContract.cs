using ClusterHsm.SecondaryStorage;
using ClusterHsm.Tests.FileSystem;
using ClusterHsm.Tests.SecondaryStorage;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfFiles : ContractOfFiles<WindowsShard>;

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfLocks : ContractOfLocks<WindowsShard>;

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfFacts : ContractOfFacts<WindowsShard>;

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfDirectories : ContractOfDirectories<WindowsShard>;

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfOpeners : ContractOfOpeners<WindowsShard>;

[TestFixtureSource(typeof(RealWindows), nameof(RealWindows.Volumes))]
[Platform("Win")]
public sealed class WindowsContractOfHoles : ContractOfHoles<WindowsShardWithStubs>
{
    public WindowsContractOfHoles(string volume) => TestContext.Out.WriteLine($"On {volume}.");
}

[TestFixtureSource(typeof(RealWindows), nameof(RealWindows.Volumes))]
[Platform("Win")]
public sealed class WindowsContractOfAttributes : ContractOfAttributes<WindowsShardWithStubs>
{
    public WindowsContractOfAttributes(string volume) => TestContext.Out.WriteLine($"On {volume}.");
}

[TestFixture]
[Platform("Win")]
public sealed class WindowsDirectoryStore : SecondaryStoreContract
{
    private string _parent = "";

    protected override ISecondaryStore CreateStore()
    {
        _parent = Directory.CreateTempSubdirectory("clusterhsm-store-").FullName;
        return DirectoryStore.OpenOrCreate(Path.Join(_parent, "store"));
    }

    protected override void RemoveStore() => Directory.Delete(_parent, recursive: true);
}
