namespace ClusterHsm.Simulation;

/// <summary>One flow of control: it alone runs while it has the baton, and rests at every call to the shard or the store.</summary>
internal sealed class Actor(string name, Role role, SimulatedProcess? process, Func<Actor, Task> body)
{
    public string Name { get; } = name;

    public Role Role { get; } = role;

    /// <summary>The process it is a part of; null for what stands above all: the one that makes faults.</summary>
    public SimulatedProcess? Process { get; } = process;

    public Func<Actor, Task> Body { get; } = body;

    public ActorState State { get; set; } = ActorState.New;

    /// <summary>When its timer is due, while it sleeps.</summary>
    public long Due { get; set; }

    public Action? OnDue { get; set; }

    /// <summary>Until when it is paused.</summary>
    public long PausedUntil { get; set; }

    /// <summary>Whether it rests before a call that changes a file: after its last look at its locks.</summary>
    public bool IsBeforeChange { get; set; }

    /// <summary>Told under the actor's own monitor that the baton has come.</summary>
    public bool HasBaton { get; set; }

    /// <summary>The earliest time at which it can go on.</summary>
    public long Ready => Math.Max(State == ActorState.Sleeping ? Due : 0, Math.Max(PausedUntil, Process?.PausedUntil ?? 0));
}

internal enum Role
{
    Other,
    Poller,
    Reader,
    Writer,
    Migrator,
}

internal enum ActorState
{
    New,
    Running,
    Resting,
    Sleeping,
    Done,
}
