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

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfHolesOnFakedHoles : ContractOfHoles<WindowsShardWithFakes>;

[TestFixture]
[Platform("Win")]
public sealed class WindowsContractOfAttributesOnFakedStreams : ContractOfAttributes<WindowsShardWithFakes>;

[TestFixture]
[Platform("Win")]
public sealed class WindowsDirectoryStore : SecondaryStoreContract
{
    private StoreFolder _folder = null!;

    protected override ISecondaryStore CreateStore()
    {
        _folder = new StoreFolder();
        return DirectoryStore.OpenOrCreate(_folder.Root);
    }

    protected override void RemoveStore() => _folder.Dispose();
}
