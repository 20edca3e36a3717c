using System.Diagnostics;
using Mono.Unix.Native;

namespace ClusterHsm.Torture;

/// <summary>Makes one fault after the other; several can be under way at once, but never two to the same process, client or store.</summary>
internal sealed class Faults(
    TortureOptions options, Place place, RunFiles run, IReadOnlyList<ChildSlot> slots, Random random, Action<string> wrong)
{
    /// <summary>Longer than a GlusterFS server with the options of tests/cluster/gluster keeps a silent client (8 s).</summary>
    private const int LongestCutMilliseconds = 16_000;

    private static readonly TimeSpan s_holding = TimeSpan.FromMilliseconds(200), s_freezesWithin = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _store = new(1, 1);
    private readonly SemaphoreSlim[] _clients = [.. Enumerable.Range(0, place.Mounts).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly List<Task> _underWay = [];
    private int _active;
    private volatile bool _areHeld;

    /// <summary>How often each kind was made.</summary>
    public SortedDictionary<FaultKind, int> Made { get; } = [];

    /// <summary>Whether one is under way at this moment.</summary>
    public bool AreUnderWay => Volatile.Read(ref _active) > 0;

    /// <summary>While true no new one is begun.</summary>
    public bool AreHeld
    {
        get => _areHeld;
        set => _areHeld = value;
    }

    /// <summary>Makes faults until it is stopped, and returns when the last is over.</summary>
    public async Task RunAsync(IReadOnlyList<FaultKind> kinds, CancellationToken stop)
    {
        while (kinds.Count > 0 && !stop.IsCancellationRequested)
        {
            await MendAsync();
            if (AreHeld)
            {
                await Task.Delay(s_holding, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
                continue;
            }
            // All is drawn here, in one order, whether the fault can be made at this moment or not.
            TimeSpan pause = options.Pause * random.NextDouble();
            FaultKind kind = kinds[random.Next(kinds.Count)];
            int target = random.Next(1 << 20);
            double length = random.NextDouble();
            bool flag = random.Next(2) == 0;
            await Task.Delay(pause, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (stop.IsCancellationRequested)
                break;
            if (await TryBeginAsync(kind, target, length, flag) is { } fault)
            {
                Made[kind] = Made.GetValueOrDefault(kind) + 1;
                _underWay.RemoveAll(static task => task.IsCompletedSuccessfully);
                _underWay.Add(fault);
            }
        }
        await Task.WhenAll(_underWay);
        _underWay.Clear();
        await MendAsync();
        await Task.WhenAll(_underWay);
    }

    /// <summary>Makes mounts anew whose clients did not answer.</summary>
    private async Task MendAsync()
    {
        for (int mount = 0; mount < place.Mounts; mount++)
        {
            if (!place.IsDead(mount) || !await _clients[mount].WaitAsync(0))
                continue;
            int dead = mount;
            Interlocked.Increment(ref _active);
            _underWay.Add(Task.Run(async () =>
            {
                try
                {
                    await StartAnewAsync(dead, isDead: true);
                }
                catch (Exception failure)
                {
                    wrong($"{place.MountName(dead)} could not be mended: {failure.Message}");
                }
                finally
                {
                    _clients[dead].Release();
                    Interlocked.Decrement(ref _active);
                }
            }));
        }
    }

    private async Task<Task?> TryBeginAsync(FaultKind kind, int target, double length, bool flag)
    {
        string role = kind is FaultKind.KillMigrator or FaultKind.StopMigrator || (kind == FaultKind.LoseLocks && flag && options.Migrators > 0) ? ChildOptions.Migrator : ChildOptions.Node;
        ChildSlot[] candidates = [.. slots.Where(slot => slot.Name.StartsWith(role, StringComparison.Ordinal))];
        ChildSlot slot = candidates[target % candidates.Length];
        int mount = target % place.Mounts;
        (SemaphoreSlim target_, Func<Task> fault) = kind switch
        {
            FaultKind.KillNode or FaultKind.KillMigrator => (slot.Busy, () => KillAsync(slot, Scaled(length, 0, 1000))),
            FaultKind.StopNode or FaultKind.StopMigrator => (slot.Busy, () => StopAsync(slot, StopOf(length))),
            FaultKind.FreezeNode => (slot.Busy, () => FreezeAsync(slot, flag && !place.HasNetwork, StopOf(length))),
            FaultKind.LockErrors => (slot.Busy, () => FailLocksAsync(slot, Scaled(length, 500, 4000))),
            FaultKind.LoseLocks => (slot.Busy, () => LoseLocksAsync(slot, options.Lease * (1 + 2.5 * length))),
            FaultKind.Cut => (_clients[mount], () => CutAsync(mount, Scaled(length * length, 200, LongestCutMilliseconds), flag)),
            FaultKind.KillClient => (_clients[mount], () => KillClientAsync(mount, Scaled(length, 0, 4000))),
            // Through the first mount, so not while that is made anew: the filler would get into the bare folder below.
            FaultKind.FullShard => (_clients[0], () => FillAsync(Scaled(length, 500, 4000))),
            FaultKind.FullStore => (_store, () => SpoilStoreAsync(StoreCondition.Full, Scaled(length, 1000, 6000))),
            FaultKind.StoreErrors => (_store, () => SpoilStoreAsync(StoreCondition.Errors, Scaled(length, 1000, 6000))),
            FaultKind.SlowStore => (_store, (Func<Task>)(() => SpoilStoreAsync(StoreCondition.Slow, Scaled(length, 1000, 6000)))),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        if (!await target_.WaitAsync(0))
            return null;
        string what = kind is FaultKind.Cut or FaultKind.KillClient ? place.MountName(mount) : target_ == slot.Busy ? slot.Name : "";
        run.History.Add($"FAULT {kind.Name()} {what}");
        Interlocked.Increment(ref _active);
        return Task.Run(async () =>
        {
            try
            {
                await fault();
            }
            catch (Exception failure)
            {
                // A fault that does not end as it should leaves a run that tries less than it says.
                wrong($"the fault {kind.Name()} {what} went wrong: {failure.Message}");
            }
            finally
            {
                target_.Release();
                Interlocked.Decrement(ref _active);
                run.History.Add($"over: {kind.Name()} {what}");
            }
        });
    }

    /// <summary>Mostly a little longer than a lease, now and then long enough for a whole handover and more.</summary>
    private TimeSpan StopOf(double length) => options.Lease * (1.2 + 6.8 * length * length);

    private static TimeSpan Scaled(double share, int least, int most) => TimeSpan.FromMilliseconds(least + share * (most - least));

    private async Task KillAsync(ChildSlot slot, TimeSpan pause)
    {
        await slot.KillAsync();
        Bury(slot);
        await Task.Delay(pause);
        slot.Start();
    }

    /// <summary>What the dead process was writing is over, unless a network can have kept it.</summary>
    private void Bury(ChildSlot slot)
    {
        if (place.HasNetwork || !slot.Name.StartsWith(ChildOptions.Node, StringComparison.Ordinal))
            return;
        int node = int.Parse(slot.Name.AsSpan(ChildOptions.Node.Length), System.Globalization.CultureInfo.InvariantCulture);
        foreach (int file in Writer.FilesOf(node, options.Nodes, options.Files))
            run.Ledger.EndWrites(file);
    }

    private static async Task StopAsync(ChildSlot slot, TimeSpan time)
    {
        slot.Send(Signum.SIGSTOP);
        await Task.Delay(time);
        slot.Send(Signum.SIGCONT);
    }

    /// <remarks>Not at a write where a cut can take the locks away meanwhile: that is more than any lock survives.</remarks>
    private static async Task FreezeAsync(ChildSlot slot, bool atWrite, TimeSpan time)
    {
        slot.Order(atWrite ? Trouble.FreezeAtWrite(s_freezesWithin) : Trouble.FreezeAtRead(s_freezesWithin));
        await Task.Delay(s_freezesWithin + time);
        slot.Send(Signum.SIGCONT);
    }

    private static async Task FailLocksAsync(ChildSlot slot, TimeSpan time)
    {
        slot.Order(Trouble.FailLocks(time));
        await Task.Delay(time);
    }

    private async Task LoseLocksAsync(ChildSlot slot, TimeSpan time)
    {
        // A node at a read, if it comes to one: a lock that is lost elsewhere mostly is one that nobody was using.
        slot.Order(Trouble.FreezeAtRead(s_freezesWithin));
        await Task.Delay(s_freezesWithin);
        slot.Send(Signum.SIGSTOP);
        try
        {
            await Task.Delay(options.Lease * 1.2);
            if (slot.ProcessId is { } id)
                run.History.Add($"{slot.Name} loses the locks on {LostLocks.Take(id, place.Root(slot.Mount))} files");
            await Task.Delay(time);
        }
        finally
        {
            slot.Send(Signum.SIGCONT);
        }
    }

    private async Task CutAsync(int mount, TimeSpan time, bool startsAnew)
    {
        await place.ControlAsync("cut", mount);
        await Task.Delay(time);
        await place.ControlAsync("heal", mount);
        if (startsAnew)
            await StartAnewAsync(mount, isDead: false);
    }

    private async Task KillClientAsync(int mount, TimeSpan time)
    {
        if (!place.IsDead(mount))
            await place.ControlAsync("kill", mount);
        await Task.Delay(time);
        // Not before they are gone: they would find the bare folder below the mount.
        await StartAnewAsync(mount, isDead: true);
    }

    /// <summary>Starts all processes anew, which shows a client that does not answer any more: who waits for it cannot be killed.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> StartAllAnewAsync()
    {
        long before = run.Tally[Count.HungClients];
        for (int mount = 0; mount < place.Mounts; mount++)
        {
            await _clients[mount].WaitAsync();
            try
            {
                await StartAnewAsync(mount, isDead: false);
            }
            finally
            {
                _clients[mount].Release();
            }
        }
        return run.Tally[Count.HungClients] > before;
    }

    private async Task StartAnewAsync(int mount, bool isDead)
    {
        ChildSlot[] there = [.. slots.Where(slot => slot.Mount == mount)];
        foreach (ChildSlot slot in there)
            await slot.Busy.WaitAsync();
        try
        {
            await Task.WhenAll(there.Select(slot => slot.KillAsync()));
            if (isDead || place.IsDead(mount))
                await place.RemountAsync(mount);
            foreach (ChildSlot slot in there)
                slot.Start();
        }
        finally
        {
            foreach (ChildSlot slot in there)
                slot.Busy.Release();
        }
    }

    private async Task FillAsync(TimeSpan time)
    {
        if (await OnFirstMountAsync(() => run.History.Add($"the filler has {Filler.Fill(place.Filler)} bytes")))
            await Task.Delay(time);
        await OnFirstMountAsync(() => RemoveFillerAsync().GetAwaiter().GetResult());
    }

    /// <returns>Whether it was done: not if the mount is cut off or dead.</returns>
    private async Task<bool> OnFirstMountAsync(Action action)
    {
        try
        {
            if (await place.WaitAsync(Task.Run(action), 0))
                return true;
        }
        catch (IOException)
        {
            // As a fault that is under way has it.
        }
        if (place.IsDead(0))
        {
            run.Tally.Add(Count.HungClients);
            await StartAnewAsync(0, isDead: true);
            File.Delete(place.Filler);
        }
        return false;
    }

    private async Task RemoveFillerAsync()
    {
        for (long begin = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                File.Delete(place.Filler);
                return;
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(500);
            }
        }
    }

    private async Task SpoilStoreAsync(StoreCondition condition, TimeSpan time)
    {
        foreach (ChildSlot slot in slots)
            slot.Tell(condition);
        await Task.Delay(time);
        foreach (ChildSlot slot in slots)
            slot.Tell(StoreCondition.Fine);
    }
}
