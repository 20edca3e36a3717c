using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>The two files through which a doctor and a listener on another computer find each other.</summary>
internal sealed class PairingPlace
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private PairingPlace(string prefix)
    {
        Asks = prefix + "-asks";
        Answers = prefix + "-answers";
    }

    /// <summary>Written by the doctor.</summary>
    public string Asks { get; }

    /// <summary>Written by the listener.</summary>
    public string Answers { get; }

    /// <summary>In the control folder of a shard, where only migrators may write; else in the root, for its owner only.</summary>
    public static PairingPlace Of(IShardFileSystem shard) =>
        new(shard.GetInfo(ControlFolder.Name) is null ? ControlFolder.Name + "-doctor" : ControlFolder.Name + "/doctor");

    /// <summary>Makes the files anew. Whoever may write them commands the listener, so none that was there before is taken.</summary>
    /// <returns>The first of them, open: its lock tells that the listener is alive.</returns>
    /// <exception cref="FileBusyException">Another listener has them.</exception>
    public IShardFile Occupy(IShardFileSystem shard)
    {
        LockRange whole = new(0, 1);
        if (shard.GetInfo(Asks) is not null)
        {
            using IShardFile old = shard.Open(Asks, ShardOpenOptions.ReadWrite);
            if (old.TryLock(whole, LockKind.Exclusive).Status == LockStatus.Denied)
                throw new FileBusyException(ShardPath.Display(shard.Root, Asks), "another 'clusterhsm doctor --listen' is waiting on this volume", "End that one first");
        }
        Vacate(shard);
        shard.Open(Answers, ShardOpenOptions.Write | ShardOpenOptions.Create | ShardOpenOptions.Exclusive, OwnerOnly).Dispose();
        IShardFile asks = shard.Open(Asks, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive, OwnerOnly);
        asks.TryLock(whole, LockKind.Exclusive);
        return asks;
    }

    /// <summary>Removes the files.</summary>
    public void Vacate(IShardFileSystem shard)
    {
        foreach (string path in (string[])[Asks, Answers])
        {
            try
            {
                shard.Delete(path);
            }
            catch (ShardIOException failure) when (failure.Error == ShardError.NotFound)
            {
                // As it should be.
            }
        }
    }
}
