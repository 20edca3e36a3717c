using ClusterHsm.Coordination;
using ClusterHsm.NodeProcess;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>A shard with other nodes on it: processes of their own, killed after each test, and nodes composed in this process.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public abstract class NodeScenarioFixture : ScenarioFixture
{
    private readonly List<NodeChild> _children = [];

    [TearDown]
    public void KillNodes()
    {
        foreach (NodeChild child in _children)
            child.Dispose();
        _children.Clear();
    }

    /// <summary>Starts a node process and waits until it is on the shard.</summary>
    private protected Task<NodeChild> StartNodeAsync(params string[] options) => StartNodeAsync(Shard.PlaceNode(), options);

    /// <summary>The same in a place of its own.</summary>
    private protected async Task<NodeChild> StartNodeAsync(NodePlace place, params string[] options)
    {
        NodeChild child = NodeChild.Start(place, options);
        _children.Add(child);
        await child.EventAsync("ready");
        return child;
    }

    private protected Task<NodeChild[]> StartNodesAsync(int count, params string[] options) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartNodeAsync(options)));

    /// <summary>Has a node open a file relaxed: again, if a busy machine let the lease end between the wait for the mode and the opening.</summary>
    private protected static async Task OpenRelaxedAsync(NodeChild node, string handle, string path, bool isStepped = false)
    {
        using CancellationTokenSource patience = new(NodeChild.Patience);
        while (true)
        {
            if (isStepped)
                await node.AskAsync("poll");
            else
                await node.AskAsync("await", LockMode.Relaxed);
            if (await node.AskAsync("open", handle, path) == $"{LockMode.Relaxed}")
                return;
            await node.AskAsync("close", handle);
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Another node, in this process, whose store can be held up and whose transfers are counted.</summary>
    private protected ComposedNode Compose(HsmVolumeOptions? options = null) => new(Shard.PlaceNode().Root, TimeSpan.FromMilliseconds(50), options);

    /// <summary>A file that is a stub.</summary>
    private protected async Task<byte[]> WriteStubAsync(string name, int length)
    {
        byte[] bytes = Shard.Write(name, length);
        await using HsmVolume migrator = await Shard.OpenAsync();
        await migrator.MakeStubAsync(name);
        return bytes;
    }

    /// <summary>Waits for what somebody else has to bring about and tells nobody of.</summary>
    private protected static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    /// <inheritdoc cref="UntilAsync(Func{bool})"/>
    private protected static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(NodeChild.Patience);
        while (!await condition())
            await Task.Delay(5, patience.Token);
    }

    /// <summary>For what only the superuser can set up: other users, mounts.</summary>
    private protected static void RequireRoot(string what)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Ignore($"Only root can {what}.");
    }
}

/// <summary>Holds up the reads of a store until it is opened.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="store">Whose reads.</param>
    /// <param name="from">Those that begin at or after this offset.</param>
    public Gate(WatchedStore store, long from = 0) => store.BeforeRead = (offset, cancellationToken) =>
    {
        if (offset < from)
            return Task.CompletedTask;
        _reached.TrySetResult();
        return _open.Task.WaitAsync(cancellationToken);
    };

    /// <summary>Completes when a read waits.</summary>
    public Task Reached => _reached.Task.WaitAsync(NodeChild.Patience);

    public void Open() => _open.TrySetResult();
}
