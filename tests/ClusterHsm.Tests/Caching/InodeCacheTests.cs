using ClusterHsm.Caching;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Caching;

public class InodeCacheTests
{
    [Test]
    public void A_new_cache_is_at_epoch_one_and_contains_nothing()
    {
        var cache = new InodeCache(100);

        cache.Epoch.Should().Be(1);
        cache.Capacity.Should().Be(100);
        for (ulong inode = 0; inode < 1000; inode++)
        {
            cache.Contains(inode, 1).Should().BeFalse();
        }
    }

    [TestCase(1UL)]
    [TestCase(42UL)]
    [TestCase(1UL << 63)]
    [TestCase(ulong.MaxValue)]
    public void An_inode_that_was_added_is_contained(ulong inode)
    {
        var cache = new InodeCache(100);

        cache.TryAdd(inode, cache.Epoch).Should().BeTrue();

        cache.Contains(inode, cache.Epoch).Should().BeTrue();
        cache.Contains(inode - 1, cache.Epoch).Should().BeFalse();
    }

    [Test]
    public void Adding_twice_is_adding_once()
    {
        var cache = new InodeCache(7);
        cache.TryAdd(5, 1).Should().BeTrue();
        cache.TryAdd(5, 1).Should().BeTrue();

        cache.Remove(5).Should().BeTrue();

        cache.Contains(5, 1).Should().BeFalse();
        cache.Remove(5).Should().BeFalse();
    }

    [Test]
    public void Inode_zero_is_never_contained()
    {
        var cache = new InodeCache(7);

        cache.TryAdd(0, 1).Should().BeFalse();
        cache.Contains(0, 1).Should().BeFalse();
        cache.Remove(0).Should().BeFalse();
    }

    /// <summary>A removed slot holds 0, and its reference bit stays until the slot is used again.</summary>
    [Test]
    public void Inode_zero_is_not_contained_where_one_was_hit_and_removed()
    {
        // One line, which is that of 0 as well.
        var cache = new InodeCache(7);
        for (ulong inode = 1; inode <= 7; inode++)
        {
            cache.TryAdd(inode, 1);
            cache.Contains(inode, 1).Should().BeTrue();
            cache.Remove(inode).Should().BeTrue();

            cache.Contains(0, 1).Should().BeFalse();
        }
    }

    /// <summary>The header stands beside the keys, and is compared with them.</summary>
    [Test]
    public void An_inode_whose_number_is_that_of_a_header_is_not_contained()
    {
        var cache = new InodeCache(7);
        for (ulong inode = 1; inode <= 20; inode++)
        {
            cache.TryAdd(inode, 1);
            for (ulong hit = 1; hit <= inode; hit++)
            {
                cache.Contains(hit, 1);
                ulong header = BitConverter.ToUInt64(InodeCacheMemory.LinesOf(cache));

                cache.Contains(header, 1).Should().BeFalse("nobody added {0}", header);
            }
        }
    }

    [Test]
    public void Clear_returns_the_new_epoch_and_nothing_is_contained_in_either()
    {
        var cache = new InodeCache(1000);
        for (ulong inode = 1; inode <= 100; inode++)
        {
            cache.TryAdd(inode, 1);
        }

        cache.Clear().Should().Be(2);

        cache.Epoch.Should().Be(2);
        for (ulong inode = 1; inode <= 100; inode++)
        {
            cache.Contains(inode, 1).Should().BeFalse();
            cache.Contains(inode, 2).Should().BeFalse();
            cache.Remove(inode).Should().BeFalse();
        }
    }

    [Test]
    public void An_insert_with_an_epoch_that_is_over_is_refused_and_never_seen()
    {
        var cache = new InodeCache(100);
        cache.TryAdd(1, 1);
        cache.Clear();

        cache.TryAdd(1, 1).Should().BeFalse();
        cache.TryAdd(2, 1).Should().BeFalse();

        for (ulong inode = 1; inode <= 2; inode++)
        {
            cache.Contains(inode, 1).Should().BeFalse();
            cache.Contains(inode, 2).Should().BeFalse();
        }
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(2)]
    [TestCase(long.MaxValue)]
    [TestCase(long.MinValue)]
    [TestCase((1L << 48) + 1)]
    public void An_epoch_that_never_was_or_is_not_yet_finds_and_adds_nothing(long epoch)
    {
        var cache = new InodeCache(100);
        cache.TryAdd(1, 1);

        cache.Contains(1, epoch).Should().BeFalse();
        cache.TryAdd(2, epoch).Should().BeFalse();
        cache.Contains(2, 1).Should().BeFalse();
        cache.Contains(1, 1).Should().BeTrue();
    }

    [Test]
    public void A_line_of_an_older_epoch_is_used_again_without_its_old_entries()
    {
        var cache = new InodeCache(7);
        for (ulong inode = 1; inode <= 7; inode++)
        {
            cache.TryAdd(inode, 1).Should().BeTrue();
        }

        long epoch = cache.Clear();
        cache.TryAdd(100, epoch).Should().BeTrue();

        cache.Contains(100, epoch).Should().BeTrue();
        for (ulong inode = 1; inode <= 7; inode++)
        {
            cache.Contains(inode, epoch).Should().BeFalse();
        }
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void A_capacity_below_one_is_refused_by_name(int capacity)
    {
        FluentActions.Invoking(() => new InodeCache(capacity)).Should().Throw<ArgumentOutOfRangeException>()
            .Which.ParamName.Should().Be("capacity");
    }

    [TestCase(1, 7)]
    [TestCase(6, 7)]
    [TestCase(14, 21)]
    [TestCase(1000, 1078)]
    public void No_more_is_held_than_seven_for_each_six_and_a_half_of_capacity(int capacity, int most)
    {
        var cache = new InodeCache(capacity);
        for (ulong inode = 1; inode <= 20_000; inode++)
        {
            cache.TryAdd(inode, 1).Should().BeTrue();
            cache.Contains(inode, 1).Should().BeTrue("the last one added is always kept");
        }

        int held = Enumerable.Range(1, 20_000).Count(inode => cache.Contains((ulong)inode, 1));

        held.Should().Be(most, "a cache that saw far more than it can hold is full");
    }

    [Test]
    public void An_entry_that_was_hit_outlives_those_that_were_not()
    {
        var cache = new InodeCache(7);
        for (ulong inode = 1; inode <= 7; inode++)
        {
            cache.TryAdd(inode, 1);
        }

        cache.Contains(3, 1).Should().BeTrue();
        for (ulong inode = 11; inode <= 16; inode++)
        {
            cache.TryAdd(inode, 1);
        }

        cache.Contains(3, 1).Should().BeTrue();
    }

    [Test]
    public void Nothing_is_allocated_by_a_hit_a_miss_an_insert_a_removal_or_a_clear()
    {
        var cache = new InodeCache(1000);
        Work(cache, 100);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(cache, 10_000);
        long after = GC.GetAllocatedBytesForCurrentThread();

        (after - before).Should().Be(0);

        static void Work(InodeCache cache, int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                long epoch = cache.Epoch;
                cache.TryAdd((ulong)i + 1, epoch);
                cache.Contains((ulong)i + 1, epoch);
                cache.Contains((ulong)i + 2, epoch);
                if (i % 100 == 0)
                {
                    cache.Remove((ulong)i + 1);
                    cache.Clear();
                }
            }
        }
    }
}
