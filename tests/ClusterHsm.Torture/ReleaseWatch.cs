namespace ClusterHsm.Torture;

/// <summary>What a look at the releases comes to.</summary>
internal enum ReleaseVerdict
{
    /// <summary>Files are released, or not for a short time only.</summary>
    Fine,

    /// <summary>Nothing has been released for long. Faults are to stop, so that it can be judged.</summary>
    Suspect,

    /// <summary>Without any fault the migrators go on trying, and nothing is released.</summary>
    Stalled,
}

/// <summary>Notices that migrators go on trying and nothing is released any more.</summary>
/// <remarks>
/// <para>Faults can keep everything from being released for as long as they like, and are under way most of the time. So when nothing has been
/// released for some time this asks for a calm, and judges only that. It wants time and number: on a slow machine few sessions end in the
/// time, and a process whose handles are dead fails many times before it is started anew.</para>
/// <para>Not thread-safe.</para>
/// </remarks>
/// <param name="lease">Of the shard; a handover takes longer than that.</param>
internal sealed class ReleaseWatch(TimeSpan lease)
{
    /// <summary>The fewest sessions that have to have tried in vain in the calm.</summary>
    public const int LeastSessions = 20;

    private const int Handovers = 10;

    private TimeSpan _releasedAt, _since;
    private TimeSpan? _calmSince;
    private long _releases, _inVainBefore;

    /// <summary>So long without a release is suspect.</summary>
    public TimeSpan Patience { get; } = TimeSpan.FromSeconds(60) + Handovers * lease;

    /// <summary>
    /// The shortest calm that is judged: several times as long as dead handles are put up with (25 s, <see cref="Failing"/>) and as a
    /// server keeps the locks of a silent client (8 s).
    /// </summary>
    public TimeSpan LeastCalm { get; } = TimeSpan.FromSeconds(90) + Handovers * lease;

    /// <summary>A calm that has lasted so long and brought too few sessions says nothing.</summary>
    public TimeSpan LongestCalm => LeastCalm * 3;

    /// <summary>The longest time without a release.</summary>
    public TimeSpan LongestPause { get; private set; }

    /// <summary>Judges the present.</summary>
    /// <param name="now">The time since the run began.</param>
    /// <param name="releases">How many files have been released in all.</param>
    /// <param name="inVain">How many sessions have tried to release files, had some to release, and released none.</param>
    /// <param name="isFaulty">Whether a fault is under way.</param>
    public ReleaseVerdict Look(TimeSpan now, long releases, long inVain, bool isFaulty)
    {
        LongestPause = now - _releasedAt > LongestPause ? now - _releasedAt : LongestPause;
        if (releases != _releases)
        {
            (_releases, _releasedAt) = (releases, now);
            Forgive(now);
        }
        if (now - _since < Patience)
            return ReleaseVerdict.Fine;
        if (isFaulty)
        {
            _calmSince = null;
            return ReleaseVerdict.Suspect;
        }
        if (_calmSince is not { } calmSince)
        {
            (_calmSince, _inVainBefore) = (now, inVain);
            return ReleaseVerdict.Suspect;
        }
        if (now - calmSince >= LeastCalm && inVain - _inVainBefore >= LeastSessions)
            return ReleaseVerdict.Stalled;
        if (now - calmSince < LongestCalm)
            return ReleaseVerdict.Suspect;
        Forgive(now);
        return ReleaseVerdict.Fine;
    }

    /// <summary>Begins anew, as after a release.</summary>
    public void Forgive(TimeSpan now) => (_since, _calmSince) = (now, null);
}
