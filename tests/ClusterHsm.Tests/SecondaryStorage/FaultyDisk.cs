using System.Collections.Concurrent;
using ClusterHsm.NodeProcess;
using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>A real disk that fails on order and writes down what it is asked for.</summary>
internal sealed class FaultyDisk : WatchedDisk
{
    private readonly ConcurrentQueue<string> _calls = new();

    /// <summary>Each call, as <c>verb path</c>; it fails with the error number that comes back, unless that is 0.</summary>
    public Func<string, int> Fault { get; set; } = _ => 0;

    public Func<string, StoreFileInfo, StoreFileInfo> Age { get; set; } = (_, info) => info;

    public bool HasBarrier { get; set; } = true;

    public bool HasLinks { get; set; } = true;

    /// <summary>What renameat2 answers instead of being asked, or 0.</summary>
    public int RenameAnswer { get; set; }

    /// <summary>Run inside each barrier, before its answer.</summary>
    public Action DuringBarrier { get; set; } = () => { };

    public IReadOnlyList<string> Calls => [.. _calls];

    public void Forget() => _calls.Clear();

    public override LinkResult TryLink(string from, string to)
    {
        if (HasLinks)
            return base.TryLink(from, to);
        Changing("link", to);
        return LinkResult.NotSupported;
    }

    public override StoreFileInfo? GetInfo(string path)
    {
        Changing("look", path);
        return base.GetInfo(path) is { } info ? Age(path, info) : null;
    }

    public override StoreBarrier? OpenBarrier(string directory)
    {
        Changing("open-barrier", directory);
        return HasBarrier ? new Barrier(this) : null;
    }

    protected override int RenameWithoutReplacing(string from, string to) =>
        RenameAnswer != 0 ? RenameAnswer : base.RenameWithoutReplacing(from, to);

    protected override void Changing(string verb, string path)
    {
        string call = $"{verb} {path}";
        _calls.Enqueue(call);
        if (Fault(call) is int error and not 0)
            throw Failure(verb, path, error);
    }

    private sealed class Barrier(FaultyDisk disk) : StoreBarrier
    {
        public override void Flush()
        {
            disk.DuringBarrier();
            disk.Changing("barrier", string.Empty);
        }

        public override void Dispose()
        {
        }
    }
}
