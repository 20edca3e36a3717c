using ClusterHsm.SecondaryStorage;
using ClusterHsm.Testing;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[TestFixture]
public sealed class InMemoryStoreContract : SecondaryStoreContract
{
    protected override ISecondaryStore CreateStore() => new InMemoryStore();

    protected override void RemoveStore() { }
}
