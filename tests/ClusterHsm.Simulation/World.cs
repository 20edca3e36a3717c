using ClusterHsm.Testing;

namespace ClusterHsm.Simulation;

/// <summary>What can be done to a process.</summary>
internal enum Fault
{
    Stop,
    Silence,
    Crash,
    LostQuiesce,
    LockErrors,
}

/// <summary>Which of the two assumptions of R4 may fail in a history. Each rule on its own must do while its own assumption holds.</summary>
internal enum Assumption
{
    /// <summary>Clocks keep to the margin; locks are lost.</summary>
    Clocks,

    /// <summary>No lock is lost; clocks run as they like.</summary>
    Locks,
}

/// <summary>What a seed makes of the world: what goes wrong in it, and how often.</summary>
internal sealed class World
{
    // Few pauses at one point show more than as many spread over all: most rules guard one gap.
    private static readonly (Role, ShardOperation[])[] Focuses =
    [
        (Role.Poller, [ShardOperation.Lock, ShardOperation.QueryLock, ShardOperation.GetInfo]),
        (Role.Reader, [ShardOperation.ReadAttribute]),
        (Role.Reader, [ShardOperation.Open, ShardOperation.Read, ShardOperation.Lock, ShardOperation.Unlock]),
        (Role.Writer, [ShardOperation.Write, ShardOperation.ReadAttribute, ShardOperation.Lock]),
        (Role.Migrator, [ShardOperation.Lock, ShardOperation.GetInfo, ShardOperation.ReadAttribute, ShardOperation.WriteAttribute, ShardOperation.PunchHole,
            ShardOperation.Flush, ShardOperation.SetTimes, ShardOperation.Write, ShardOperation.Open]),
    ];

    public World(Random random)
    {
        Holds = random.Next(2) == 0 ? Assumption.Clocks : Assumption.Locks;
        Stay = 0.3 + 0.6 * random.NextDouble();
        Pause = random.Next(4) == 0 ? 0 : 0.04 * Math.Pow(random.NextDouble(), 2);
        MeanCalm = TimeSpan.FromSeconds(0.5 + 6 * random.NextDouble());
        Files = random.Next(1, 4);
        Nodes = random.Next(1, 4);
        Readers = random.Next(1, 3);
        Linger = 3 * Math.Pow(random.NextDouble(), 2);
        Idle = 0.4 * Math.Pow(2, 4.5 * random.NextDouble());
        Favourite = (Fault)random.Next(5);
        (FocusRole, ShardOperation[] points) = Focuses[random.Next(Focuses.Length)];
        FocusPoint = points[random.Next(points.Length)];
        Writers = Math.Max(FocusRole == Role.Writer ? 1 : 0, random.Next(0, 4) - 1);
        FocusPause = random.Next(5) == 0 ? 0 : 0.03 + 0.3 * random.NextDouble();
        Rest = 1 + 8 * Math.Pow(random.NextDouble(), 2);
        ReadThrough = random.Next(3) * 0.4;
        HasLateTimers = random.Next(2) == 0;
        Migrators = random.Next(1, 3);
        HasLeases = random.Next(2) == 0;
        ReadsInARow = random.Next(1, 7);
        HasLockErrors = random.Next(3) == 0;
        HasCrashes = random.Next(2) == 0;
        RecallShare = random.Next(2) == 0 ? 0.1 : 0.4;
        if (random.Next(6) == 0)
        {
            // One file, and nobody who brings it back by chance: what a gap lets in stays to be seen.
            (Files, Nodes, Readers, Writers, Migrators) = (1, 1, 2, 0, 1);
            (Idle, Rest, ReadThrough, RecallShare, MeanCalm) = (1, 1, 0.9, 0.4, TimeSpan.FromSeconds(30));
            (FocusRole, FocusPoint) = (Role.Reader, random.Next(3) == 0 ? ShardOperation.Read : ShardOperation.ReadAttribute);
        }
        GoesOnByLease = Holds == Assumption.Clocks && random.Next(2) == 0;
    }

    public Assumption Holds { get; }

    public double Stay { get; }

    public double Pause { get; }

    /// <summary>Between two faults.</summary>
    public TimeSpan MeanCalm { get; }

    public int Files { get; }

    public int Nodes { get; }

    public int Readers { get; }

    public int Writers { get; }

    public int Migrators { get; }

    /// <summary>Seconds that a file is open between two reads, at most.</summary>
    public double Linger { get; }

    /// <summary>Seconds between two files that a reader opens, at most.</summary>
    public double Idle { get; }

    /// <summary>Seconds between two migrations of a migrator, at most.</summary>
    public double Rest { get; }

    public bool HasLeases { get; }

    public int ReadsInARow { get; }

    /// <summary>How many of the readers leave stubs as they are.</summary>
    public double ReadThrough { get; }

    /// <summary>How much of a migrator's work is to bring files back.</summary>
    public double RecallShare { get; }

    /// <summary>Whether threads that wait for a time come late: those that poll, and those that tell of the end of a lease.</summary>
    public bool HasLateTimers { get; }

    /// <summary>The fault that comes more often than others.</summary>
    public Fault Favourite { get; }

    /// <summary>Whose pauses come more often than those of others, ...</summary>
    public Role FocusRole { get; }

    /// <summary>... and at which calls.</summary>
    public ShardOperation FocusPoint { get; }

    public double FocusPause { get; }

    public bool HasLockErrors { get; }

    public bool HasCrashes { get; }

    public bool GoesOnByLease { get; }

    /// <summary>
    /// Within the margin: 3 s by a clock that is 3 % slow are 3.09 s by a right one, the 3.2 s that a migrator waits by one that is 3 %
    /// fast are 3.107 s.
    /// </summary>
    public double NextClockRate(Random random) =>
        Holds == Assumption.Clocks ? 1 + (random.NextDouble() - 0.5) * 0.06 : Math.Pow(4, random.NextDouble() * 2 - 1);

    public override string ToString() =>
        $"{Holds} can be relied on; {Nodes} nodes of {Readers} readers, {Writers} writers, {Migrators} migrators, {Files} files; pauses {Pause:0.000}, "
        + $"a fault each {MeanCalm.TotalSeconds:0.0} s{(HasLockErrors ? ", lock errors" : "")}{(HasCrashes ? ", crashes" : "")}"
        + $"{(GoesOnByLease ? ", handovers by lease alone" : "")}{(HasLeases ? ", openers can be excluded" : "")}";
}
