using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>What the checks of one examination share: the two parties, the probe folder and the findings so far.</summary>
internal sealed class Examination(IShardFileSystem shard, ShardDescriptor? descriptor, DoctorOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<DoctorFinding> _findings = [];

    public IShardFileSystem Shard => shard;

    /// <summary>What the shard says of itself, or null if it is none.</summary>
    public ShardDescriptor? Descriptor => descriptor;

    public DoctorOptions Options => options;

    public Party Here { get; set; } = null!;

    public Party There { get; set; } = null!;

    /// <summary>Where probe files go, below the root.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Whether the partner is another client of the file system, so that what it sees is what another computer sees.</summary>
    public bool PartnerIsAnotherClient { get; set; }

    /// <summary>Whether the partner is under another kernel.</summary>
    public bool PartnerIsOnAnotherComputer { get; set; }

    public IReadOnlyList<DoctorFinding> Findings
    {
        get
        {
            lock (_gate)
                return [.. _findings];
        }
    }

    /// <summary>What nodes lock of signal and quiesce.</summary>
    public LockRange Slots => new(0, descriptor?.SlotCount ?? 4096);

    /// <summary>Gate and lock byte of a data file.</summary>
    public LockRange HsmLock => new(descriptor?.FileLockOffset ?? 1L << 62, 2);

    public TimeSpan LeaseDuration => descriptor?.LeaseDuration ?? new ShardInitializeOptions().LeaseDuration;

    public TimeSpan ClockDriftMargin => descriptor?.ClockDriftMargin ?? new ShardInitializeOptions().ClockDriftMargin;

    /// <summary>The path of a probe file.</summary>
    public string PathOf(string name) => $"{Folder}/{name}";

    /// <summary>Makes a probe file here and opens it on both sides.</summary>
    public async Task<(PartyFile Here, PartyFile There)> OpenPairAsync(string name, CancellationToken cancellationToken)
    {
        PartyFile here = await Here.OpenAsync(PathOf(name), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        return (here, await There.OpenAsync(PathOf(name), ShardOpenOptions.ReadWrite, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks again and again until it is so.</summary>
    /// <returns>After how long it was, or null if it was not within the time.</returns>
    public async Task<TimeSpan?> WaitUntilAsync(Func<Task<bool>> isSo, TimeSpan patience, CancellationToken cancellationToken)
    {
        long begin = shard.Clock.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            bool answer = await isSo().ConfigureAwait(false);
            TimeSpan elapsed = shard.Clock.GetElapsedTime(begin);
            if (answer)
                return elapsed;
            if (elapsed >= patience)
                return null;
            await options.Pause(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a question has been answered so.</summary>
    public bool Has(DoctorQuestion question, DoctorVerdict verdict) => Findings.Any(f => f.Id == question.Id && f.Verdict == verdict);

    public bool IsAnswered(DoctorQuestion question) => Findings.Any(f => f.Id == question.Id);

    public void Holds(DoctorQuestion question, string seen, string follows = "") => Add(question, DoctorVerdict.Holds, seen, follows);

    public void DoesNotHold(DoctorQuestion question, string seen, string follows) => Add(question, DoctorVerdict.DoesNotHold, seen, follows);

    public void CouldNotTell(DoctorQuestion question, string why, string follows = "") => Add(question, DoctorVerdict.CouldNotTell, why, follows);

    /// <summary>Holds or does not, with words for each.</summary>
    public void Decide(DoctorQuestion question, bool holds, string seen, string followsIfNot)
    {
        if (holds)
            Holds(question, seen);
        else
            DoesNotHold(question, seen, followsIfNot);
    }

    private void Add(DoctorQuestion question, DoctorVerdict verdict, string seen, string follows)
    {
        DoctorFinding finding = new()
        {
            Id = question.Id,
            Name = question.Name,
            Verdict = verdict,
            Seen = seen,
            Follows = follows,
            Need = question.Need,
            Error = question.Error,
        };
        lock (_gate)
        {
            // A check that hung and comes back late has been answered for.
            if (_findings.Exists(known => known.Id == finding.Id))
                return;
            _findings.Add(finding);
        }
        options.Progress?.Report(finding);
    }
}
