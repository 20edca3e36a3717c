using ClusterHsm.SecondaryStorage;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.NodeProcess;

/// <summary>A store's disk that tells of each step before it changes something or makes a change durable: what it does, and the path.</summary>
internal class WatchedDisk(Action<string, string>? changing = null) : LinuxStoreDisk
{
    protected virtual void Changing(string verb, string path) => changing?.Invoke(verb, path);

    public override SafeFileHandle CreateFile(string path)
    {
        Changing("create", path);
        return base.CreateFile(path);
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        Changing("write", "");
        return base.WriteAsync(file, buffer, offset, cancellationToken);
    }

    public override void FlushFile(SafeFileHandle file, string path)
    {
        Changing("flush-file", path);
        base.FlushFile(file, path);
    }

    public override void FlushDirectory(string path)
    {
        Changing("flush-directory", path);
        base.FlushDirectory(path);
    }

    public override bool TryRename(string from, string to)
    {
        Changing("rename", to);
        return base.TryRename(from, to);
    }

    public override LinkResult TryLink(string from, string to)
    {
        Changing("link", to);
        return base.TryLink(from, to);
    }

    public override bool MakeDirectory(string path)
    {
        Changing("mkdir", path);
        return base.MakeDirectory(path);
    }

    public override bool Delete(string path)
    {
        Changing("delete", path);
        return base.Delete(path);
    }

    public override StoreBarrier? OpenBarrier(string directory) =>
        base.OpenBarrier(directory) is { } barrier ? new WatchedBarrier(barrier, this) : null;

    private sealed class WatchedBarrier(StoreBarrier inner, WatchedDisk disk) : StoreBarrier
    {
        public override void Flush()
        {
            disk.Changing("barrier", "");
            inner.Flush();
        }

        public override void Dispose() => inner.Dispose();
    }
}
