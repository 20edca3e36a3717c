using System.Security.Cryptography;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>What a release does to a file: punch all of it and put its times back.</summary>
internal sealed class HoleChecks : DoctorCheck
{
    public static readonly DoctorQuestion Punch = new("holes.punch", "a hole keeps the size and reads as zeros", DoctorNeed.Migration);

    public static readonly DoctorQuestion Space = new("holes.space", "a hole frees space, as the allocated size shows it", DoctorNeed.Nothing);

    public static readonly DoctorQuestion Seek = new("holes.seek", "the file system tells holes from data", DoctorNeed.Nothing);

    public static readonly DoctorQuestion Times = new("holes.times", "the times can be put back after a hole is punched", DoctorNeed.Migration);

    public static readonly DoctorQuestion ChangeTime = new("times.change-time",
        "ctime moves with a record and with a hole, so that it shows every change", DoctorNeed.Nothing);

    private const int Length = 1 << 20;

    /// <summary>A time in the past, even and whole: every file system can keep it.</summary>
    private static readonly ShardTimestamp Past = new(1_000_000_000, 0);

    /// <summary>Longer than a transaction group of zfs (5 s) is not waited for: the space comes back, only later.</summary>
    private static readonly TimeSpan SpacePatience = TimeSpan.FromSeconds(2);

    public override IReadOnlyList<DoctorQuestion> Questions => [Punch, Space, Seek, Times, ChangeTime];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        PartyFile file = await x.Here.OpenAsync(x.PathOf("holes"), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(RandomNumberGenerator.GetBytes(Length), 0, cancellationToken).ConfigureAwait(false);
        await file.SetTimesAsync(Past, Past, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        PartnerAnswer full = await file.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await file.PunchAsync(0, Length, cancellationToken).ConfigureAwait(false);
        }
        catch (PartyFailedException failure) when (failure.Error == ShardError.NotSupported)
        {
            x.DoesNotHold(Punch, failure.Message, "a released file would free nothing and could not be marked by its hole: no migration is possible here");
            return;
        }
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        PartnerAnswer hole = await file.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        byte[] read = await file.ReadAsync(0, Length, cancellationToken).ConfigureAwait(false);
        bool zeros = read.Length == Length && read.AsSpan().IndexOfAnyExcept((byte)0) < 0;
        x.Decide(Punch, hole.Size == Length && zeros,
            hole.Size != Length ? $"the size went from {Length} to {hole.Size}" : zeros ? $"{Length} bytes of zeros" : "old bytes are still there",
            "a recall would take what is left for data of another program: no migration is safe");

        await AskSpaceAsync(x, file, full, cancellationToken).ConfigureAwait(false);
        bool hasData = await file.HasDataAsync(cancellationToken).ConfigureAwait(false);
        x.Decide(Seek, !hasData, hasData ? "the hole is shown as data" : "the hole is shown as a hole", "copies and recalls read zeros instead of skipping them; no harm");

        await file.SetTimesAsync(Past, Past, cancellationToken).ConfigureAwait(false);
        PartnerAnswer back = await file.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        x.Decide(Times, back.Modified == Past, $"mtime {Past} was set and {back.Modified} is there; the hole itself {(hole.Modified == Past ? "did not move" : "moved")} it",
            "a released file would look modified, and its copy stale: no migration is possible here");
        await AskChangeTimeAsync(x, file, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AskSpaceAsync(Examination x, PartyFile file, PartnerAnswer full, CancellationToken cancellationToken)
    {
        long least = 0;
        TimeSpan? after = await x.WaitUntilAsync(async () =>
        {
            least = (await file.GetInfoAsync(cancellationToken).ConfigureAwait(false)).AllocatedBytes;
            return least <= full.AllocatedBytes / 2;
        }, SpacePatience, cancellationToken).ConfigureAwait(false);
        bool truthful = x.Shard.Capabilities.AllocationIsTruthful;
        string seen = $"{full.AllocatedBytes} bytes allocated before, {least} after"
            + (after is { } time ? time > TimeSpan.FromMilliseconds(100) ? $", {Words.Span(time)} later" : "" : $" {Words.Span(SpacePatience)}");
        if (after is not null)
            x.Holds(Space, seen);
        else if (!truthful)
            x.Holds(Space, seen + $"; {x.Shard.Capabilities.FileSystemType} is known not to show it", "judge freed space by the file system's free space (df), not by file");
        else
            x.DoesNotHold(Space, seen, "either the hole frees nothing, or it does not show: compare the free space (df) before and after a trial migration");
    }

    private static async Task AskChangeTimeAsync(Examination x, PartyFile file, CancellationToken cancellationToken)
    {
        TimeSpan tick = x.Shard.Capabilities.TimestampGranularity * 2;
        ShardTimestamp start = (await file.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Changed;
        await x.Options.Pause(tick, cancellationToken).ConfigureAwait(false);
        await file.WriteAttributeAsync([1], cancellationToken).ConfigureAwait(false);
        ShardTimestamp record = (await file.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Changed;
        await file.WriteAsync([1], 0, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        ShardTimestamp written = (await file.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Changed;
        await x.Options.Pause(tick, cancellationToken).ConfigureAwait(false);
        await file.PunchAsync(0, Length, cancellationToken).ConfigureAwait(false);
        ShardTimestamp hole = (await file.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Changed;
        bool moves = record > start && hole > written;
        x.Decide(ChangeTime, moves, $"a record {(record > start ? "moves" : "does not move")} ctime, a hole {(hole > written ? "moves" : "does not move")} it",
            "no harm: size, mtime and digest decide whether a copy is good; ctime is only a shortcut");
    }
}
