using ClusterHsm.FileSystem;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>A fresh shard that the contract is tried on, and what the interface cannot make in it.</summary>
public abstract class ShardUnderTest : IDisposable
{
    /// <summary>Whether a file that is open can be opened anew when its last name is gone.</summary>
    public virtual bool ReopensDeletedFiles => true;

    /// <summary>Whether a file that is open can be opened anew when it has another name.</summary>
    public virtual bool ReopensRenamedFiles => true;

    /// <summary>Whether a file that is open can be replaced by a rename.</summary>
    public virtual bool ReplacesOpenFiles => true;

    /// <summary>Whether a range that is locked can be read and written by all. Where not, locks are tried past the data.</summary>
    public virtual bool LocksAreAdvisory => true;

    /// <summary>Whether a shared lock is still held after it could not be made exclusive. Where not, the answer says so.</summary>
    public virtual bool RefusedConversionsKeepTheLock => true;

    /// <summary>Whether a file can have a time before 1970.</summary>
    public virtual bool KeepsTimesBefore1970 => true;

    /// <summary>One more node of the shard. The shard disposes it.</summary>
    public abstract IShardFileSystem OpenNode();

    public abstract void CreateHardLink(string existing, string path);

    public abstract void CreateSymbolicLink(string path, string target);

    public abstract void CreatePipe(string path);

    /// <summary>Returns when a file changed now gets another time than one changed before the call.</summary>
    public abstract void LetTimePass();

    public abstract void Dispose();
}
