using ClusterHsm.Caching;
using ClusterHsm.Coordination;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class NodeLeaseTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _clock = new();
    private InodeCache _cache = null!;
    private NodeLease _lease = null!;

    [SetUp]
    public void SetUp()
    {
        _cache = new InodeCache(100);
        _lease = new NodeLease(_clock, _cache, 3 * Second);
    }

    [Test]
    public void Without_a_grant_nothing_is_covered() => _lease.Covers(_cache.Epoch).Should().BeFalse();

    [Test]
    public void R1_the_lease_counts_from_the_reading_before_the_request()
    {
        long askedAt = _clock.GetTimestamp();
        _clock.Advance(2 * Second);
        _lease.Renew(askedAt).Should().Be(LeaseRenewal.Begun);
        _lease.Covers(_cache.Epoch).Should().BeTrue();
        _clock.Advance(Second - TimeSpan.FromTicks(1));
        _lease.Covers(_cache.Epoch).Should().BeTrue();
        _clock.Advance(TimeSpan.FromTicks(1));
        _lease.Covers(_cache.Epoch).Should().BeFalse("the lease ends at the instant it ends");
    }

    [Test]
    public void R1_a_grant_that_arrives_after_its_own_lease_is_none()
    {
        long askedAt = _clock.GetTimestamp();
        _clock.Advance(3 * Second);
        _lease.Renew(askedAt).Should().Be(LeaseRenewal.TooLate);
        _lease.Covers(_cache.Epoch).Should().BeFalse();
    }

    [Test]
    public void R2_a_renewal_in_time_keeps_the_epoch()
    {
        _lease.Renew(_clock.GetTimestamp());
        long epoch = _cache.Epoch;
        _clock.Advance(2 * Second);
        _lease.Renew(_clock.GetTimestamp()).Should().Be(LeaseRenewal.Continued);
        _cache.Epoch.Should().Be(epoch);
        _lease.Covers(epoch).Should().BeTrue();
    }

    [Test]
    public void R2_a_renewal_after_the_end_begins_a_new_epoch_before_it_covers_anything()
    {
        _lease.Renew(_clock.GetTimestamp());
        long epoch = _cache.Epoch;
        _clock.Advance(3 * Second);
        _lease.Renew(_clock.GetTimestamp()).Should().Be(LeaseRenewal.Begun);
        _cache.Epoch.Should().BeGreaterThan(epoch);
        _lease.Covers(epoch).Should().BeFalse();
    }

    [Test]
    public void R2_continuity_is_judged_by_a_reading_after_the_grant_and_not_before_it()
    {
        _lease.Renew(_clock.GetTimestamp());
        long epoch = _cache.Epoch;
        _clock.Advance(2 * Second);
        long askedAt = _clock.GetTimestamp();
        // Asked in time, but asleep until after the end: a whole migration fits in between.
        _clock.Advance(1.5 * Second);
        _lease.Renew(askedAt).Should().Be(LeaseRenewal.Begun);
        _lease.Covers(epoch).Should().BeFalse();
    }

    [Test]
    public void R5_an_ended_lease_ends_the_epoch_even_if_it_ran()
    {
        _lease.Renew(_clock.GetTimestamp());
        long epoch = _cache.Epoch;
        _lease.Terminate().Should().BeTrue();
        _cache.Epoch.Should().BeGreaterThan(epoch);
        _lease.Covers(_cache.Epoch).Should().BeFalse();
        _lease.Terminate().Should().BeFalse("there is nothing left to end");
    }

    [Test]
    public void R5_what_strict_reads_cached_between_two_leases_does_not_count_in_the_second()
    {
        _lease.Renew(_clock.GetTimestamp());
        _lease.Terminate();
        long strictEpoch = _cache.Epoch;
        _cache.TryAdd(7, strictEpoch);
        _lease.Renew(_clock.GetTimestamp());
        _cache.Contains(7, _cache.Epoch).Should().BeFalse();
        _lease.Covers(strictEpoch).Should().BeFalse();
    }

    [Test]
    public void Asking_allocates_nothing()
    {
        _lease.Renew(_clock.GetTimestamp());
        long epoch = _cache.Epoch;
        _lease.Covers(epoch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            _lease.Covers(epoch);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }
}
