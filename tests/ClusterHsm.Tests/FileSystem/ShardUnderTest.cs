using ClusterHsm.FileSystem;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>A fresh shard that the contract is tried on, and what the interface cannot make in it.</summary>
public abstract class ShardUnderTest : IDisposable
{
    /// <summary>Whether a file that is open can be opened anew when its last name is gone.</summary>
    public virtual bool ReopensDeletedFiles => true;

    /// <summary>One more node of the shard. The shard disposes it.</summary>
    public abstract IShardFileSystem OpenNode();

    public abstract void CreateHardLink(string existing, string path);

    public abstract void CreateSymbolicLink(string path, string target);

    public abstract void CreatePipe(string path);

    /// <summary>Returns when a file changed now gets another time than one changed before the call.</summary>
    public abstract void LetTimePass();

    public abstract void Dispose();
}
