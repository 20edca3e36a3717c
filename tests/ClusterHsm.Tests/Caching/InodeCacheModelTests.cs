using ClusterHsm.Caching;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Caching;

/// <summary>Random sequences of operations against a set: the cache may forget, it may never make up.</summary>
public class InodeCacheModelTests
{
    private enum Kind
    {
        Add,
        AddWithAnOldEpoch,
        Look,
        LookWithAnOldEpoch,
        Remove,
        Clear,
    }

    [TestCase(1, 12UL)]
    [TestCase(7, 40UL)]
    [TestCase(100, 300UL)]
    public void What_is_contained_was_added_in_this_epoch_and_not_removed(int capacity, ulong inodes)
    {
        Gen<Kind> kind = Gen.Frequency(
            (8, Gen.Const(Kind.Add)),
            (2, Gen.Const(Kind.AddWithAnOldEpoch)),
            (8, Gen.Const(Kind.Look)),
            (1, Gen.Const(Kind.LookWithAnOldEpoch)),
            (2, Gen.Const(Kind.Remove)),
            (1, Gen.Const(Kind.Clear)));

        Gen.Select(kind, Gen.ULong[0, inodes]).Array[0, 400].Sample(steps => Run(capacity, inodes, steps), iter: 500);
    }

    [TestCase("in a run", 1UL, 1UL)]
    [TestCase("every 32nd", 7UL, 32UL)]
    [TestCase("in the high half", 1UL << 40, 1UL << 32)]
    [TestCase("at a stride of 2^20", 5UL, 1UL << 20)]
    [TestCase("of all bits", 1UL, 0xBF58476D1CE4E5B9UL)]
    // What multiplication by the golden ratio alone crowds, and what CRC alone does.
    [TestCase("at a stride of 2^16", 5UL, 1UL << 16)]
    [TestCase("every ten thousandth", 1UL, 10_000UL)]
    [TestCase("at a stride of 2^17 + 1", 7UL, (1UL << 17) + 1)]
    [TestCase("at a stride of 3 * 2^25", 7UL, 3UL << 25)]
    [TestCase("at a stride of 2^39", 5UL, 1UL << 39)]
    public void Most_of_as_many_inodes_as_the_capacity_are_kept(string how, ulong first, ulong stride)
    {
        const int Capacity = 100_000;
        var cache = new InodeCache(Capacity);
        for (ulong i = 0; i < Capacity; i++)
        {
            cache.TryAdd(first + (i * stride), 1);
        }

        int held = 0;
        for (ulong i = 0; i < Capacity; i++)
        {
            held += cache.Contains(first + (i * stride), 1) ? 1 : 0;
        }

        held.Should().BeGreaterThan(Capacity * 85 / 100, "inodes {0} spread over the lines", how);
    }

    private static bool Run(int capacity, ulong inodes, (Kind Kind, ulong Inode)[] steps)
    {
        var cache = new InodeCache(capacity);
        var model = new HashSet<ulong>();
        foreach ((Kind kind, ulong inode) in steps)
        {
            long epoch = cache.Epoch;
            bool right = kind switch
            {
                Kind.Add => cache.TryAdd(inode, epoch) == (inode != 0) && (inode == 0 || (model.Add(inode) | cache.Contains(inode, epoch))),
                Kind.AddWithAnOldEpoch => !cache.TryAdd(inode, epoch - 1),
                Kind.Look => !cache.Contains(inode, epoch) || model.Contains(inode),
                Kind.LookWithAnOldEpoch => !cache.Contains(inode, epoch - 1),
                Kind.Remove => cache.Contains(inode, epoch) == cache.Remove(inode) && !cache.Contains(inode, epoch) && (model.Remove(inode) | true),
                _ => cache.Clear() == epoch + 1 && (model.RemoveWhere(_ => true) >= 0),
            };
            if (!right)
            {
                return false;
            }
        }

        int held = 0;
        for (ulong inode = 0; inode <= inodes; inode++)
        {
            if (cache.Contains(inode, cache.Epoch))
            {
                held++;
                if (!model.Contains(inode))
                {
                    return false;
                }
            }
        }

        return held <= ((capacity * 2) + 12) / 13 * 7;
    }
}
