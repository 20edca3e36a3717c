using ClusterHsm.SecondaryStorage;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.NodeProcess;

/// <summary>A store's disk that tells of each step before it changes something or makes a change durable: what it does, and the path.</summary>
internal sealed class WatchedDisk(Action<string, string> changing) : LinuxStoreDisk
{
    public override SafeFileHandle CreateFile(string path)
    {
        changing("create", path);
        return base.CreateFile(path);
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        changing("write", "an object");
        return base.WriteAsync(file, buffer, offset, cancellationToken);
    }

    public override void FlushFile(SafeFileHandle file, string path)
    {
        changing("flush", path);
        base.FlushFile(file, path);
    }

    public override void FlushDirectory(string path)
    {
        changing("flush folder", path);
        base.FlushDirectory(path);
    }

    public override bool TryRename(string from, string to)
    {
        changing("rename to", to);
        return base.TryRename(from, to);
    }

    public override LinkResult TryLink(string from, string to)
    {
        changing("link to", to);
        return base.TryLink(from, to);
    }

    public override bool MakeDirectory(string path)
    {
        changing("create folder", path);
        return base.MakeDirectory(path);
    }

    public override bool Delete(string path)
    {
        changing("delete", path);
        return base.Delete(path);
    }

    public override StoreBarrier? OpenBarrier(string directory) =>
        base.OpenBarrier(directory) is { } barrier ? new WatchedBarrier(barrier, changing) : null;

    private sealed class WatchedBarrier(StoreBarrier inner, Action<string, string> changing) : StoreBarrier
    {
        public override void Flush()
        {
            changing("flush all", "the store");
            inner.Flush();
        }

        public override void Dispose() => inner.Dispose();
    }
}
