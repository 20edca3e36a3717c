using System.Collections.Concurrent;
using ClusterHsm.Caching;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Caching;

/// <summary>What threads are told that use one cache at the same time must be what it could have told them one after the other.</summary>
public sealed class InodeCacheLinearizabilityTests
{
    private const int Threads = 4;
    private const int CallsEach = 12;

    /// <summary>More than a line holds, so that entries are given up; and few, so that threads meet at the same.</summary>
    [TestCase(2, 1000)]
    [TestCase(9, 1000)]
    public void Every_history_of_concurrent_calls_has_an_order_in_which_all_answers_are_right(int inodes, int histories)
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        int found = 0, judged = 0;
        string? wrong = null;

        new CacheHistory(new Real(new InodeCache(1)), Threads, CallsEach, inodes, seed).Record(histories, (epoch, threads) =>
        {
            judged++;
            found += threads.Sum(static own => own.Count(static done => done is { Call: CacheCall.Contains, Answer: 1 }));
            if (!CacheLinearizability.Holds(epoch, threads))
                wrong = Told(epoch, threads);
            return wrong is null;
        });

        wrong.Should().BeNull();
        judged.Should().Be(histories);
        found.Should().BePositive("or nothing was judged but misses");
    }

    [Test]
    public void Also_of_a_set_with_epochs_that_is_right_by_its_looks() => FirstWrong(new WithEpochs(), most: 1000).Should().BeNull();

    /// <summary>A checker that finds nothing wrong with these has found nothing out about the cache.</summary>
    [TestCase(typeof(KnowsNoEpoch))]
    [TestCase(typeof(LosesARemoval))]
    [TestCase(typeof(InsertsAfterAClear))]
    [TestCase(typeof(FindsWhatWasCleared))]
    public void A_cache_that_is_wrong_is_found_out(Type broken)
    {
        // Those that are wrong for an instant only need a history in which it is hit.
        FirstWrong((ICacheOfInodes)Activator.CreateInstance(broken)!, most: 200_000).Should().NotBeNull();
    }

    [Test]
    public void A_look_that_began_after_a_clear_had_ended_must_not_find_what_was_added_before_it()
    {
        CacheOperation added = new(CacheCall.Add, 1, 5, 1, 1, 2), cleared = new(CacheCall.Clear, 1, 0, 6, 3, 4);

        CacheLinearizability.Holds(5, [[added, cleared], [new CacheOperation(CacheCall.Contains, 1, 5, 1, 5, 6)]]).Should().BeFalse();
        CacheLinearizability.Holds(5, [[added, cleared], [new CacheOperation(CacheCall.Contains, 1, 6, 1, 5, 6)]]).Should().BeFalse();
        CacheLinearizability.Holds(5, [[added, cleared], [new CacheOperation(CacheCall.Contains, 1, 5, 0, 5, 6)]]).Should().BeTrue("a miss is always right");
        CacheLinearizability.Holds(5, [[added, cleared], [new CacheOperation(CacheCall.Contains, 1, 5, 1, 3, 6)]]).Should().BeTrue("it had begun before the clear had ended");
        CacheLinearizability.Holds(5, [[added, cleared, new(CacheCall.Add, 1, 6, 1, 5, 6)], [new CacheOperation(CacheCall.Contains, 1, 6, 1, 5, 8)]])
            .Should().BeTrue("it was added again in the newer epoch");
    }

    private static string? FirstWrong(ICacheOfInodes cache, int most)
    {
        string? wrong = null;
        new CacheHistory(cache, Threads, CallsEach, inodes: 2, seed: 1).Record(most, (epoch, threads) =>
        {
            if (!CacheLinearizability.Holds(epoch, threads))
                wrong = Told(epoch, threads);
            return wrong is null;
        });
        return wrong;
    }

    private static string Told(long epoch, CacheOperation[][] threads) => string.Join('\n',
        threads.SelectMany(static (own, thread) => own.Select(done => (thread, done))).OrderBy(static one => one.done.Invoked)
            .Select(static one => $"thread {one.thread}: {one.done}").Prepend($"began with epoch {epoch}"));

    private sealed class Real(InodeCache cache) : ICacheOfInodes
    {
        public long Epoch => cache.Epoch;

        public bool TryAdd(ulong inode, long epoch) => cache.TryAdd(inode, epoch);

        public bool Contains(ulong inode, long epoch) => cache.Contains(inode, epoch);

        public bool Remove(ulong inode) => cache.Remove(inode);

        public long Clear() => cache.Clear();
    }

    /// <summary>The epoch of each inode in a dictionary.</summary>
    private class WithEpochs : ICacheOfInodes
    {
        private long _epoch = 1;

        protected ConcurrentDictionary<ulong, long> Epochs { get; } = [];

        public long Epoch => Interlocked.Read(ref _epoch);

        public virtual bool TryAdd(ulong inode, long epoch)
        {
            if (Epoch != epoch)
                return false;
            Epochs[inode] = epoch;
            return true;
        }

        public virtual bool Contains(ulong inode, long epoch) => Epochs.TryGetValue(inode, out long of) && of == epoch && Epoch == epoch;

        public virtual bool Remove(ulong inode) => Epochs.TryRemove(inode, out long of) && of == Epoch;

        public virtual long Clear() => Interlocked.Increment(ref _epoch);
    }

    private sealed class KnowsNoEpoch : WithEpochs
    {
        public override bool Contains(ulong inode, long epoch) => Epochs.ContainsKey(inode);
    }

    /// <summary>Says what was there and leaves it.</summary>
    private sealed class LosesARemoval : WithEpochs
    {
        public override bool Remove(ulong inode) => Contains(inode, Epoch);
    }

    /// <summary>Without a last look at the present epoch, a paused thread believes in its own.</summary>
    private sealed class FindsWhatWasCleared : WithEpochs
    {
        public override bool Contains(ulong inode, long epoch) => Epochs.TryGetValue(inode, out long of) && of == epoch;
    }

    /// <summary>Emptied by hand: who had asked for the epoch before inserts after it. Rule R5 without the epoch in the entry.</summary>
    private sealed class InsertsAfterAClear : WithEpochs
    {
        public override bool TryAdd(ulong inode, long epoch)
        {
            if (Epoch != epoch)
                return false;
            Thread.Yield();
            Epochs[inode] = 0;
            return true;
        }

        public override bool Contains(ulong inode, long epoch) => Epoch == epoch && Epochs.ContainsKey(inode) && Epoch == epoch;

        public override long Clear()
        {
            long epoch = base.Clear();
            Epochs.Clear();
            return epoch;
        }
    }
}
