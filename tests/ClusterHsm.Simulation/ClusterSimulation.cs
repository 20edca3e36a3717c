using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;

namespace ClusterHsm.Simulation;

/// <summary>One history of a cluster: all of it follows from the seed.</summary>
internal sealed class ClusterSimulation
{
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(40);

    private readonly int _seed;
    private readonly History _history = new();
    private readonly Random _random;
    private readonly World _world;
    private readonly InMemoryCluster _cluster;
    private readonly InMemoryStore _store = new();
    private readonly ShardDescriptor _descriptor;
    private readonly Scheduler _scheduler;
    private readonly Judge _judge;
    private readonly Work _work;
    private int _names;

    private ClusterSimulation(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _world = new World(_random);
        _cluster = new InMemoryCluster(new InMemoryClusterOptions { HasLeases = _world.HasLeases });
        _scheduler = new Scheduler(_cluster, _world, _random, _history);
        _judge = new Judge(_world.Files);
        _work = new Work(_scheduler, _judge, _world, _random, _history);
        _descriptor = new ShardDescriptor
        {
            ShardId = new Guid("11111111-2222-3333-4444-555555555555"),
            StoreLocation = _store.Location,
            StoreId = _store.Id,
        };
    }

    /// <summary>Plays the history of a seed.</summary>
    /// <returns>What broke the promise, with the seed and the history around it, or null.</returns>
    public static Outcome Play(int seed) => new ClusterSimulation(seed).Play();

    private Outcome Play()
    {
        MakeShard();
        for (int i = 0; i < _world.Nodes; i++)
            StartNode();
        for (int i = 0; i < _world.Migrators; i++)
            StartMigrator();
        SimulatedProcess above = NewProcess("chaos");
        var chaos = new Chaos(_work, _descriptor.LeaseDuration, Restart);
        _scheduler.Add(new Actor("chaos", Role.Other, null, _ => chaos.RunAsync(above.Clock, Horizon)));
        _scheduler.Add(new Actor("end", Role.Other, null, LookAtTheEndAsync));
        _scheduler.Run();
        _work.Tally.Pauses += _scheduler.Pauses;
        string? failure = _scheduler.Failure is { } what ? $"seed {_seed}: {what}\n{_world}\n{_history}" : null;
        return new Outcome(failure, _work.Tally, _history.Fingerprint);
    }

    private void MakeShard()
    {
        InMemoryNode maker = _cluster.AddNode("maker");
        ShardDescriptor.Initialize(maker, _descriptor);
        for (int file = 0; file < _judge.Files; file++)
        {
            using IShardFile made = maker.Open(Judge.Path(file), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
            for (int block = 0; block < Judge.Blocks; block++)
                made.Write(Judge.Make(file, block, 1), block * Judge.BlockLength);
        }
    }

    private SimulatedProcess NewProcess(string name) => new(name, _cluster, _scheduler, _store, _world, _random, _history);

    private SimulatedProcess StartNode()
    {
        SimulatedProcess process = NewProcess($"node{_names++}");
        _scheduler.Add(process);
        Add(process, Role.Poller, "poll", async actor =>
        {
            await _work.TryAsync(actor, () =>
            {
                Join(process);
                return Task.CompletedTask;
            }).ConfigureAwait(false);
            if (process.IsDead)
                return;
            for (int i = 0; i < _world.Readers; i++)
                Add(process, Role.Reader, $"read{i}", reader => NodeActors.ReadAsync(reader, _work));
            for (int i = 0; i < _world.Writers; i++)
                Add(process, Role.Writer, $"write{i}", writer => NodeActors.WriteAsync(writer, _work));
            await NodeActors.PollAsync(actor, _work).ConfigureAwait(false);
        });
        return process;
    }

    private void Join(SimulatedProcess process) => process.Monitor = SignalFileLockMonitor.CreateStepped(process.Shard, process.Cache,
        new SignalFileOptions { Random = _random, Request = _random.Next(2) == 0 ? SignalRequest.Query : SignalRequest.LockAndUnlock });

    private SimulatedProcess StartMigrator()
    {
        SimulatedProcess process = NewProcess($"migrator{_names++}");
        _scheduler.Add(process);
        Add(process, Role.Migrator, "work", actor => MigratorActor.MigrateAsync(actor, _work));
        return process;
    }

    private SimulatedProcess Restart(SimulatedProcess dead) => dead.Monitor is null ? StartMigrator() : StartNode();

    private void Add(SimulatedProcess process, Role role, string name, Func<Actor, Task> body) =>
        _scheduler.Add(new Actor($"{process.Name}.{name}", role, process, body));

    /// <summary>When all is calm again: every file has its bytes, and no record lies.</summary>
    private async Task LookAtTheEndAsync(Actor actor)
    {
        SimulatedProcess process = NewProcess("end");
        while (!_scheduler.IsIdleBut(actor))
            await Task.Delay(TimeSpan.FromSeconds(1), process.Clock).ConfigureAwait(false);
        for (int file = 0; file < _judge.Files; file++)
            if (Lie(file) is { } lie)
                throw _scheduler.Fail($"at the end, {lie}");
        Join(process);
        await using HsmVolume volume = new(process.Shard, process.Cache, process.Monitor!, LockModePolicy.AlwaysStrict, process.Store);
        for (int file = 0; file < _judge.Files; file++)
        {
            await using HsmFile opened = await volume.OpenFileAsync(Judge.Path(file)).ConfigureAwait(false);
            for (int block = 0; block < Judge.Blocks; block++)
            {
                byte[] bytes = new byte[Judge.BlockLength];
                int read = await opened.ReadAsync(bytes, block * Judge.BlockLength).ConfigureAwait(false);
                if (_judge.Check(file, block, _judge.Floor(file, block), bytes.AsSpan(0, read)) is { } wrong)
                    throw _scheduler.Fail($"at the end, {wrong}");
            }
        }
    }

    /// <summary>A record that says more than is true: that there is a copy of what is here.</summary>
    private string? Lie(int number)
    {
        InMemoryNode eye = _cluster.AddNode("eye");
        using IShardFile file = eye.Open(Judge.Path(number), ShardOpenOptions.Read);
        if (FileRecord.Read(file, file.Path, RecordSeal.None) is not { } record || record.State == FileState.Regular)
            return null;
        ShardFileInfo info = file.GetInfo();
        byte[] here = new byte[Judge.FileLength];
        file.Read(here, 0);
        bool hasObject = _store.Keys.Contains(record.Key);
        if (!hasObject && (record.State != FileState.Archived || record.Judge(info) != CopyValidity.Stale))
            return $"{file.Path} is {record.State}, and there is no object {record.Key}";
        if (record.State == FileState.Archived && record.Judge(info) == CopyValidity.Valid && ContentDigest.Of(here) != record.Digest)
            return $"the record of {file.Path} takes other data for archived";
        return null;
    }
}

/// <summary>What came of a history.</summary>
/// <param name="Failure">What broke the promise, with seed and history; or null.</param>
/// <param name="Tally">What happened in it.</param>
/// <param name="Fingerprint">Equal for equal histories.</param>
internal sealed record Outcome(string? Failure, Tally Tally, ulong Fingerprint);
