using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>Keys that are made anew.</summary>
public sealed class ObjectKeyTests
{
    private const int Count = 10_000;
    private const int KeysOfOneFolder = 256;

    [Test]
    public void No_two_are_alike_and_those_made_together_share_folders()
    {
        ObjectKey[] keys = [.. Enumerable.Range(0, Count).Select(static _ => ObjectKey.New(Guid.Empty))];

        keys.Should().OnlyHaveUniqueItems();
        keys.Select(static key => DirectoryStoreLayout.Fan(key.ObjectId)).Distinct().Should().HaveCountLessThanOrEqualTo((Count / KeysOfOneFolder) + 2);
    }

    [Test]
    public void Those_of_threads_are_not_alike_either()
    {
        ObjectKey[] keys = new ObjectKey[Count];

        Parallel.For(0, Count, i => keys[i] = ObjectKey.New(Guid.Empty));

        keys.Should().OnlyHaveUniqueItems();
    }
}
