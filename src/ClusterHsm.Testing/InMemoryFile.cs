using ClusterHsm.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace ClusterHsm.Testing;

/// <summary>A file that a node has open.</summary>
internal sealed partial class InMemoryFile(InMemoryNode node, Inode inode, string path, bool canRead, bool canWrite) : IShardFile
{
    private const int Ebadf = 9;
    private const int Einval = 22;

    private bool _isDisposed;

    public InMemoryNode Node { get; } = node;

    public string Path { get; } = path;

    public FileIdentity Identity { get; } = inode.Identity;

    public bool CanWrite { get; } = canWrite;

    public SafeFileHandle? Handle => null;

    public bool ExcludesOpeners { get; private set; }

    private Lock Gate => Node.Cluster.Gate;

    private InMemoryClusterOptions Shard => Node.Cluster.Options;

    public IShardFile Reopen(ShardOpenOptions options)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Node.Reopen(inode, Path, options);
    }

    public int Read(Span<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ShardOperationInfo info = About(ShardOperation.Read, offset, buffer.Length);
        Fault.Effect effect = Begin(info);
        int count;
        lock (Gate)
        {
            Node.ThrowIfCrashed(info);
            if (!canRead)
                throw Node.Failure(info, ShardError.AccessDenied, "it was not opened for reading", Ebadf);
            count = inode.State.Data.Read(buffer, offset);
        }
        Node.End(info, effect);
        return count;
    }

    public void Write(ReadOnlySpan<byte> buffer, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ShardOperationInfo info = About(ShardOperation.Write, offset, buffer.Length);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            WillChangeData(info);
            long free = Shard.CapacityInBytes == long.MaxValue
                ? long.MaxValue
                : Shard.CapacityInBytes - Node.Cluster.AllocatedBytes;
            int written = inode.State.Data.Write(buffer, offset, () => (free -= SparseData.BlockSize) >= 0);
            if (written > 0)
                inode.State.Modified = inode.State.Changed = Node.Cluster.Now();
            if (written < buffer.Length)
                throw Node.Failure(info, ShardError.NoSpace);
        }
        Node.End(info, effect);
    }

    public ShardFileInfo GetInfo()
    {
        ShardOperationInfo info = About(ShardOperation.GetInfo);
        Fault.Effect effect = Begin(info);
        ShardFileInfo facts;
        lock (Gate)
        {
            Node.ThrowIfCrashed(info);
            facts = Node.Facts(inode);
        }
        Node.End(info, effect);
        return facts;
    }

    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ShardOperationInfo info = About(ShardOperation.SetLength, 0, length);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            WillChangeData(info);
            inode.State.Data.SetLength(length);
            inode.State.Modified = inode.State.Changed = Node.Cluster.Now();
        }
        Node.End(info, effect);
    }

    public void PunchHole(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ShardOperationInfo info = About(ShardOperation.PunchHole, offset, length);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            if (!Shard.CanPunchHoles)
                throw Node.Failure(info, ShardError.NotSupported);
            WillChangeData(info);
            inode.State.Data.Punch(offset, length);
            if (Shard.PunchingMovesTimes)
                inode.State.Modified = inode.State.Changed = Node.Cluster.Now();
        }
        Node.End(info, effect);
    }

    public bool TryFindData(long offset, out long start, out long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ShardOperationInfo info = About(ShardOperation.FindData, offset);
        Fault.Effect effect = Begin(info);
        bool found;
        lock (Gate)
        {
            Node.ThrowIfCrashed(info);
            if (Shard.HolesVisible)
            {
                found = inode.State.Data.TryFindData(offset, out start, out end);
            }
            else
            {
                found = offset < inode.State.Data.Length;
                (start, end) = found ? (offset, inode.State.Data.Length) : (0, 0);
            }
        }
        Node.End(info, effect);
        return found;
    }

    public void Flush()
    {
        ShardOperationInfo info = About(ShardOperation.Flush);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            Node.ThrowIfCrashed(info);
            InMemoryCluster.MakeDurable(inode);
        }
        Node.End(info, effect);
    }

    /// <summary>There are no mappings here.</summary>
    public void WriteBack() { }

    public void Advise(FileAdvice advice, long offset = 0, long length = 0) { }

    public void Dispose()
    {
        lock (Gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            ExcludesOpeners = false;
            inode.Locks.ReleaseAll(this);
            if (inode.Handles.Remove(this))
                Node.Cluster.ForgetIfGone(inode);
        }
    }

    private ShardOperationInfo About(ShardOperation operation, long offset = 0, long length = 0, LockKind? kind = null) =>
        new() { Operation = operation, Path = Path, Offset = offset, Length = length, LockKind = kind };

    private Fault.Effect Begin(ShardOperationInfo info)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Node.BeginOrThrow(info);
    }

    private void WillChangeData(ShardOperationInfo info)
    {
        Node.ThrowIfCrashed(info);
        if (!CanWrite)
            throw Node.Failure(info, ShardError.AccessDenied, "it was not opened for writing", Ebadf);
        Node.Cluster.WillChange(inode, Node);
    }
}
