using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

// Times, owner, mode and extended attributes.
internal sealed partial class InMemoryFile
{
    public void SetTimes(ShardTimestamp accessed, ShardTimestamp modified)
    {
        ShardOperationInfo info = About(ShardOperation.SetTimes);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            WillChangeFacts(info);
            Node.ThrowIfNotOwner(info, inode);
            inode.State.Accessed = Node.Cluster.Cut(accessed);
            inode.State.Modified = Node.Cluster.Cut(modified);
            inode.State.Changed = Node.Cluster.Now();
        }
        Node.End(info, effect);
    }

    public ShardTimestamp Touch()
    {
        ShardOperationInfo info = About(ShardOperation.Touch);
        Fault.Effect effect = Begin(info);
        ShardTimestamp now;
        lock (Gate)
        {
            WillChangeFacts(info);
            if (!CanWrite)
                Node.ThrowIfNotOwner(info, inode);
            now = Node.Cluster.Now();
            inode.State.Accessed = inode.State.Modified = inode.State.Changed = now;
        }
        Node.End(info, effect);
        return now;
    }

    public void SetOwnership(UnixFileMode mode, uint userId, uint groupId)
    {
        ShardOperationInfo info = About(ShardOperation.SetOwnership);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            WillChangeFacts(info);
            Node.ThrowIfNotOwner(info, inode);
            if (Node.UserId != 0 && (userId != inode.State.UserId || groupId != inode.State.GroupId))
                throw Node.Failure(info, ShardError.AccessDenied, nativeError: 1);
            inode.State.Mode = mode;
            inode.State.UserId = userId;
            inode.State.GroupId = groupId;
            inode.State.Changed = Node.Cluster.Now();
        }
        Node.End(info, effect);
    }

    public int ReadAttribute(string name, Span<byte> destination)
    {
        ShardOperationInfo info = About(ShardOperation.ReadAttribute);
        Fault.Effect effect = Begin(info);
        int length = -1;
        lock (Gate)
        {
            Node.ThrowIfCrashed(info);
            Node.CheckAttributeName(info, name);
            if (inode.State.Attributes.TryGetValue(name, out byte[]? value))
            {
                if (!value.AsSpan().TryCopyTo(destination))
                    throw Node.Failure(info, ShardError.TooLarge, "the attribute is longer than was expected");
                length = value.Length;
            }
        }
        Node.End(info, effect);
        return length;
    }

    public void WriteAttribute(string name, ReadOnlySpan<byte> value)
    {
        ShardOperationInfo info = About(ShardOperation.WriteAttribute, 0, value.Length);
        Fault.Effect effect = Begin(info);
        lock (Gate)
        {
            WillChangeFacts(info);
            Node.CheckAttributeName(info, name);
            if (value.Length > Shard.MaxAttributeLength)
                throw Node.Failure(info, ShardError.TooLarge);
            inode.State.Attributes[name] = value.ToArray();
            AttributeChanged();
        }
        Node.End(info, effect);
    }

    public bool RemoveAttribute(string name)
    {
        ShardOperationInfo info = About(ShardOperation.RemoveAttribute);
        Fault.Effect effect = Begin(info);
        bool removed;
        lock (Gate)
        {
            WillChangeFacts(info);
            Node.CheckAttributeName(info, name);
            removed = inode.State.Attributes.Remove(name);
            if (removed)
                AttributeChanged();
        }
        Node.End(info, effect);
        return removed;
    }

    private void AttributeChanged()
    {
        if (Shard.AttributesMoveChangeTime)
            inode.State.Changed = Node.Cluster.Now();
    }

    /// <summary>What is not data may be changed through a handle that cannot write, if the mount allows it.</summary>
    private void WillChangeFacts(ShardOperationInfo info)
    {
        Node.ThrowIfCrashed(info);
        Node.ThrowIfReadOnly(info);
        Node.Cluster.WillChange(inode, Node);
    }
}
