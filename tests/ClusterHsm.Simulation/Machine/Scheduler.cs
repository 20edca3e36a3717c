using ClusterHsm.Testing;

namespace ClusterHsm.Simulation;

/// <summary>
/// Runs actors one at a time, as a seed says: at every call to the shard the baton may go to another one, and time goes on only here.
/// So each history of calls is possible, and each can be had again.
/// </summary>
/// <remarks>
/// <para>The library's code is what runs, on the thread pool. Who has no baton waits for it in <see cref="Rest"/>, or sleeps on a timer of
/// its <see cref="SimulatedClock"/>. Whoever sets a timer hands the baton on at once: what is left of its step only suspends it.</para>
/// <para>Work that the library gives to another thread belongs to the actor that began it: the actor flows with the execution context.</para>
/// </remarks>
internal sealed class Scheduler(InMemoryCluster cluster, World world, Random random, History history)
{
    /// <summary>Real time: a simulation that does not come to its end has lost its baton, which is a mistake of its own.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly AsyncLocal<Actor?> Present = new();

    private readonly List<Actor> _actors = [];
    private readonly List<Actor> _ready = [];
    private readonly List<SimulatedProcess> _processes = [];
    private readonly ManualResetEventSlim _over = new();

    /// <summary>Ticks since the simulation began, by a clock that is right.</summary>
    public long Now { get; private set; }

    /// <summary>What broke the promise, or null.</summary>
    public string? Failure { get; private set; }

    public int Pauses { get; private set; }

    public bool FaultsAreOver { get; set; }

    public IReadOnlyList<SimulatedProcess> Processes => _processes;

    public static Actor Current => Present.Value ?? throw new InvalidOperationException("Only an actor may call the simulated shard.");

    public void Add(SimulatedProcess process) => _processes.Add(process);

    public void Add(Actor actor) => _actors.Add(actor);

    public bool IsIdleBut(Actor one) => _actors.TrueForAll(actor => actor == one || actor.State == ActorState.Done);

    /// <summary>Whether some actor of the process stands right before a change of a file.</summary>
    public bool IsChanging(SimulatedProcess process) => _actors.Exists(actor => actor.Process == process && actor.IsBeforeChange);

    /// <summary>Runs until every actor is done, or one has failed.</summary>
    public void Run()
    {
        Actor first = PickNext(null)!;
        Give(first);
        if (!_over.Wait(Patience))
            throw new TimeoutException("The baton was lost: " + string.Join(", ", _actors.Select(a => $"{a.Name} {a.State}")) + "\n" + history);
    }

    /// <summary>Ends the simulation: the promise was broken.</summary>
    public Exception Fail(string what)
    {
        Failure ??= what;
        history.Note(Now, Current.Name, "FAILED:", what);
        return new SimulationEndedException();
    }

    /// <summary>A point at which any other actor may act.</summary>
    public void Rest(ShardOperation? point)
    {
        Actor actor = Current;
        ThrowIfFailed();
        Advance(random.Next(5, 2000));
        bool isFocus = actor.Role == world.FocusRole && point == world.FocusPoint;
        if (!FaultsAreOver && random.NextDouble() < (isFocus ? world.FocusPause : world.Pause))
        {
            Pauses++;
            actor.PausedUntil = Now + PauseLength(isFocus ? 1.5 : 0.02);
            history.Note(Now, actor.Name, $"paused for {TimeSpan.FromTicks(actor.PausedUntil - Now).TotalSeconds:0.000} s");
        }
        actor.State = ActorState.Resting;
        Actor next = PickNext(actor)!;
        if (next != actor)
        {
            Give(next);
            lock (actor)
            {
                while (!actor.HasBaton)
                    Monitor.Wait(actor);
                actor.HasBaton = false;
            }
        }
        actor.State = ActorState.Running;
        ThrowIfFailed();
    }

    /// <summary>The actor sleeps; its step ends without the baton.</summary>
    public void Sleep(long ticks, Action onDue)
    {
        Actor actor = Current;
        actor.Due = Now + Math.Max(1, ticks);
        actor.OnDue = onDue;
        actor.State = ActorState.Sleeping;
        HandOn();
    }

    /// <summary>Up to 15 s, which is five leases, each size as likely as the others.</summary>
    public long PauseLength(double leastSeconds) => (long)(TimeSpan.TicksPerSecond * leastSeconds * Math.Pow(15 / leastSeconds, random.NextDouble()));

    private void HandOn()
    {
        Actor? next = PickNext(null);
        if (next is null)
            _over.Set();
        else
            Give(next);
    }

    private void Give(Actor actor)
    {
        switch (actor.State)
        {
            case ActorState.New:
                actor.State = ActorState.Running;
                Task.Run(() => LiveAsync(actor));
                break;
            case ActorState.Sleeping:
                actor.State = ActorState.Running;
                ThreadPool.UnsafeQueueUserWorkItem(static onDue => onDue(), actor.OnDue!, preferLocal: false);
                break;
            default:
                lock (actor)
                {
                    actor.HasBaton = true;
                    Monitor.Pulse(actor);
                }
                break;
        }
    }

    private async Task LiveAsync(Actor actor)
    {
        Present.Value = actor;
        try
        {
            await actor.Body(actor).ConfigureAwait(false);
        }
        catch (SimulationEndedException)
        {
        }
        catch (Exception unexpected)
        {
            Fail($"unexpected: {unexpected}");
        }
        actor.State = ActorState.Done;
        HandOn();
    }

    private Actor? PickNext(Actor? present)
    {
        while (true)
        {
            _ready.Clear();
            long soonest = long.MaxValue;
            foreach (Actor actor in _actors)
            {
                if (actor.State == ActorState.Done || (Failure is not null && actor.State is ActorState.Sleeping or ActorState.New))
                    continue;
                long ready = Failure is null ? actor.Ready : 0;
                soonest = Math.Min(soonest, ready);
                if (ready <= Now)
                    _ready.Add(actor);
            }
            if (_ready.Count > 0)
                return present is not null && present.Ready <= Now && random.NextDouble() < world.Stay ? present : _ready[random.Next(_ready.Count)];
            if (soonest == long.MaxValue)
                return null;
            Advance(soonest - Now);
        }
    }

    private void Advance(long ticks)
    {
        Now += ticks;
        cluster.Advance(TimeSpan.FromTicks(ticks));
        foreach (SimulatedProcess process in _processes)
            process.OnTime(Now, random);
    }

    private void ThrowIfFailed()
    {
        if (Failure is not null)
            throw new SimulationEndedException();
    }
}

/// <summary>Ends an actor when the simulation has ended.</summary>
internal sealed class SimulationEndedException : Exception;
