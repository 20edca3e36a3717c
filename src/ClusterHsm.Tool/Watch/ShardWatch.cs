using ClusterHsm.Coordination;

namespace ClusterHsm.Tool.Watch;

/// <summary>Makes of one look after the other what is to be shown: what changed, for how long, how fast. Not thread-safe.</summary>
/// <param name="root">The shard's root.</param>
/// <param name="clock">By which times are told; wall clocks of other computers are told to people, and nothing is decided by them.</param>
internal sealed class ShardWatch(string root, TimeProvider clock)
{
    /// <summary>Nodes write every ten seconds, after a poll.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(30);

    /// <summary>How long a party that has gone is still shown.</summary>
    public static readonly TimeSpan GoneShownFor = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, Track> _tracks = new(StringComparer.Ordinal);
    private readonly long _begin = clock.GetTimestamp();
    private HandoverPhase _phase;
    private long _phaseSince;
    private DateTimeOffset _time;
    private long? _lastAnswer;

    /// <summary>Takes in what a look saw.</summary>
    public WatchState See(ShardSight sight)
    {
        long now = clock.GetTimestamp();
        if (sight.Phase != _phase || _lastAnswer is null)
            (_phase, _phaseSince) = (sight.Phase, now);
        (_time, _lastAnswer) = (sight.Time, now);
        foreach (Track track in _tracks.Values)
            track.IsListed = false;
        foreach (NodeInfo party in sight.Parties)
        {
            if (_tracks.TryGetValue(party.Id, out Track? track))
                track.See(party, now, _phase);
            else
                _tracks[party.Id] = new Track(party, now, _phase);
        }
        foreach ((string id, Track track) in _tracks)
        {
            if (track.IsListed)
                continue;
            track.GoneSince ??= now;
            if (clock.GetElapsedTime(track.GoneSince.Value) > GoneShownFor)
                _tracks.Remove(id);
        }
        return State();
    }

    /// <summary>What is shown after a look that failed, or while one is not answered.</summary>
    /// <param name="failure">Why it failed; null if there is no answer.</param>
    public WatchState Miss(string? failure) => State() with
    {
        Time = clock.GetUtcNow(),
        Failure = failure,
        Unanswered = failure is null ? clock.GetElapsedTime(_lastAnswer ?? _begin) : null,
    };

    private WatchState State() => new()
    {
        Root = root,
        Time = _time,
        Phase = _phase,
        PhaseFor = clock.GetElapsedTime(_phaseSince),
        Rows = [.. _tracks.Values.Select(RowOf).OrderBy(Rank).ThenBy(static row => row.Party.Id, StringComparer.Ordinal)],
    };

    private WatchRow RowOf(Track track)
    {
        TimeSpan unchanged = clock.GetElapsedTime(track.GoneSince ?? track.ChangedAt);
        PartyState state = StateOf(track, unchanged);
        return new WatchRow
        {
            Party = track.Party,
            State = state,
            Unchanged = unchanged,
            InTheWay = track.InTheWaySince is { } since && track.IsListed ? clock.GetElapsedTime(since) : null,
            Rates = state is PartyState.Relaxed or PartyState.Strict ? track.Rates : null,
        };
    }

    private static PartyState StateOf(Track track, TimeSpan unchanged) =>
        !track.IsListed ? PartyState.Gone
        : !track.Party.IsAlive ? PartyState.Dead
        : track.Party.IsMigrator ? PartyState.Migrator
        : track.Party.Host is null ? PartyState.Unknown
        : unchanged > SilentAfter ? PartyState.Silent
        : track.Party.Mode == LockMode.Relaxed ? PartyState.Relaxed : PartyState.Strict;

    private static int Rank(WatchRow row) => row.State switch
    {
        _ when row.InTheWay is not null => 0,
        PartyState.Migrator => 1,
        PartyState.Silent or PartyState.Unknown or PartyState.Dead => 2,
        PartyState.Strict => 3,
        PartyState.Relaxed => 4,
        _ => 5,
    };

    /// <summary>What is known of one party.</summary>
    private sealed class Track
    {
        public Track(NodeInfo party, long now, HandoverPhase phase)
        {
            Party = party;
            See(party, now, phase);
            ChangedAt = now;
        }

        public NodeInfo Party { get; private set; }

        public long ChangedAt { get; private set; }

        public WatchRates? Rates { get; private set; }

        public long? InTheWaySince { get; private set; }

        public bool IsListed { get; set; }

        public long? GoneSince { get; set; }

        public void See(NodeInfo party, long now, HandoverPhase phase)
        {
            IsListed = true;
            GoneSince = null;
            // A file that is just being written may not be readable for once: the last that it said holds.
            NodeInfo told = party.Host is null && Party.Host is not null
                ? Party with { IsAlive = party.IsAlive, HoldsQuiesce = party.HoldsQuiesce } : party;
            if (told.LastWritten != Party.LastWritten || told.Polls != Party.Polls || told.Mode != Party.Mode)
            {
                ChangedAt = now;
                Rates = WatchRates.Between(Party, told);
            }
            Party = told;
            InTheWaySince = phase == HandoverPhase.Waiting && told.HoldsQuiesce ? InTheWaySince ?? now : null;
        }
    }
}
