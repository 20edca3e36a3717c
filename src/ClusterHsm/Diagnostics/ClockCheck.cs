using System.Globalization;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether the two clocks by which leases are counted run at one rate.</summary>
internal sealed class ClockCheck : DoctorCheck
{
    public static readonly DoctorQuestion Rate = new("clock.rate", "the clocks run at one rate, within the drift margin", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Rate];

    public override bool NeedsProbeFiles => false;

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        Reading first = await ReadAsync(x, cancellationToken).ConfigureAwait(false);
        await x.Options.Pause(x.Options.ClockSpan, cancellationToken).ConfigureAwait(false);
        Reading last = await ReadAsync(x, cancellationToken).ConfigureAwait(false);

        double here = (last.Here - first.Here).TotalMilliseconds, there = (last.There - first.There).TotalMilliseconds;
        double doubt = (first.Doubt + last.Doubt).TotalMilliseconds;
        double lease = x.LeaseDuration.TotalMilliseconds, margin = x.ClockDriftMargin.TotalMilliseconds;
        double drift = Math.Abs(there - here) / here * lease, doubtful = doubt / here * lease;
        string seen = string.Create(CultureInfo.InvariantCulture,
            $"{drift:0.0} ms (± {doubtful:0.0}) apart in a lease of {lease:0} ms, {margin:0} ms are allowed; measured over {here:0} ms");
        if (drift + doubtful <= margin)
            x.Holds(Rate, seen, x.PartnerIsOnAnotherComputer ? "" : "the partner is on this computer; clocks of other computers are not measured by this: keep NTP or PTP running on all");
        else if (drift - doubtful > margin)
            x.DoesNotHold(Rate, seen, "a lease may run out there later than here: a migrator must wait for quiesce and never go on by the lease alone; correct the clock, or raise \"clockDriftMarginMilliseconds\" while nobody is on the shard");
        else
            x.CouldNotTell(Rate, seen + "; the answers took too long to tell");
    }

    private static async Task<Reading> ReadAsync(Examination x, CancellationToken cancellationToken)
    {
        long before = await x.Here.ReadClockAsync(cancellationToken).ConfigureAwait(false);
        long there = await x.There.ReadClockAsync(cancellationToken).ConfigureAwait(false);
        long after = await x.Here.ReadClockAsync(cancellationToken).ConfigureAwait(false);
        return new Reading(FromNanoseconds(before + (after - before) / 2), FromNanoseconds(there), FromNanoseconds((after - before) / 2));
    }

    private static TimeSpan FromNanoseconds(long count) => TimeSpan.FromTicks(count / TimeSpan.NanosecondsPerTick);

    private readonly record struct Reading(TimeSpan Here, TimeSpan There, TimeSpan Doubt);
}
