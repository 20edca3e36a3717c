using ClusterHsm.Caching;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Caching;

public class InodeCacheConcurrencyTests
{
    private const int Bits = 8;

    /// <summary>
    /// Rule R5. An inserter puts the epoch it read into the inode number it adds, so any inode found under another epoch
    /// is one that outlived a clear.
    /// </summary>
    [TestCase(7)]
    [TestCase(50)]
    [TestCase(2000)]
    public async Task Nothing_inserted_under_an_older_epoch_is_ever_found_after_a_clear(int capacity)
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var cache = new InodeCache(capacity);
        using var stop = new CancellationTokenSource();
        long wrong = 0, found = 0, looks = 0;

        Task[] inserters = [.. Enumerable.Range(1, 3).Select(i => Task.Factory.StartNew(() => Insert(seed + i), TaskCreationOptions.LongRunning))];
        Task looker = Task.Factory.StartNew(() => Look(seed), TaskCreationOptions.LongRunning);
        ClearAndLook(new Random(seed + 100), rounds: 4000);
        await stop.CancelAsync();
        await Task.WhenAll([.. inserters, looker]);

        wrong.Should().Be(0);
        found.Should().BePositive("or the test has looked at nothing");
        looks.Should().BePositive();

        void Insert(int mySeed)
        {
            var random = new Random(mySeed);
            while (!stop.IsCancellationRequested)
            {
                long epoch = cache.Epoch;

                // Sometimes late on purpose, as a node that was paused between its look and its insert.
                Thread.SpinWait(random.Next(8) == 0 ? random.Next(2000) : 0);
                cache.TryAdd(InodeOf(epoch, random.Next(1 << Bits)), epoch);
            }
        }

        void Look(int mySeed)
        {
            var random = new Random(mySeed);
            while (!stop.IsCancellationRequested)
            {
                long epoch = cache.Epoch;
                LookAt(random, epoch);
            }
        }

        void ClearAndLook(Random random, int rounds)
        {
            // Goes on until something was found, on a machine whose other threads get no time.
            for (int round = 0; round < rounds || (Interlocked.Read(ref found) == 0 && round < rounds * 1000); round++)
            {
                long epoch = cache.Clear();
                for (int i = 0; i < 50; i++)
                {
                    LookAt(random, epoch);
                }
            }
        }

        void LookAt(Random random, long epoch)
        {
            Interlocked.Increment(ref looks);
            long past = epoch - random.Next(4);
            int which = random.Next(1 << Bits);
            if (past > 0 && cache.Contains(InodeOf(past, which), epoch))
            {
                Interlocked.Increment(ref past == epoch ? ref found : ref wrong);
            }
        }
    }

    /// <summary>Each thread owns some inodes: nobody else adds or removes them, so what it removed stays away and what it never added is never there.</summary>
    [Test]
    public async Task What_its_only_owner_removed_is_not_contained_however_busy_its_line_is()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var cache = new InodeCache(20);
        int wrong = 0, kept = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(owner => Task.Factory.StartNew(() => Own((ulong)owner), TaskCreationOptions.LongRunning)));

        wrong.Should().Be(0);
        kept.Should().BePositive();

        void Own(ulong owner)
        {
            var random = new Random(seed + (int)owner);
            for (int i = 0; i < 50_000; i++)
            {
                ulong mine = ((ulong)random.Next(1, 20) * 8) + owner;
                cache.TryAdd(mine, 1);
                Interlocked.Add(ref kept, cache.Contains(mine, 1) ? 1 : 0);
                cache.Remove(mine);
                bool there = cache.Contains(mine, 1) || cache.Contains(mine + 4, 1);
                Interlocked.Add(ref wrong, there ? 1 : 0);
            }
        }
    }

    [Test]
    public async Task Clears_by_many_threads_give_each_its_own_epoch()
    {
        var cache = new InodeCache(7);

        long[][] epochs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => Enumerable.Range(0, 1000).Select(_ => cache.Clear()).ToArray())));

        epochs.SelectMany(epoch => epoch).Should().OnlyHaveUniqueItems();
        cache.Epoch.Should().Be(4001);
    }

    private static ulong InodeOf(long epoch, int which) => ((ulong)epoch << Bits) + (ulong)which;
}
