namespace ClusterHsm.Simulation;

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
    public World(Random random)
    {
        Holds = random.Next(2) == 0 ? Assumption.Clocks : Assumption.Locks;
        Stay = 0.3 + 0.6 * random.NextDouble();
        Pause = random.Next(4) == 0 ? 0 : 0.04 * Math.Pow(random.NextDouble(), 2);
        MeanCalm = TimeSpan.FromSeconds(0.5 + 6 * random.NextDouble());
        Files = random.Next(1, 4);
        Nodes = random.Next(1, 4);
        Readers = random.Next(1, 3);
        Writers = random.Next(0, 3);
        Migrators = random.Next(1, 3);
        HasLeases = random.Next(2) == 0;
        ReadsInARow = random.Next(1, 7);
        HasLockErrors = random.Next(3) == 0;
        HasCrashes = random.Next(2) == 0;
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

    public bool HasLeases { get; }

    public int ReadsInARow { get; }

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
