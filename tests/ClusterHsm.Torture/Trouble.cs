using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ClusterHsm.FileSystem;
using ClusterHsm.NodeProcess;
using Mono.Unix.Native;

namespace ClusterHsm.Torture;

/// <summary>What a node does to itself on order of the parent, at the points where it hurts: a signal from outside seldom comes in the middle of a read.</summary>
/// <remarks>An order is good until a moment of the monotonic clock: the parent knows then that whoever has not stopped by now will not.</remarks>
internal sealed partial class Trouble
{
    private const string FreezeAtReadWord = "freeze-at-read", FreezeAtWriteWord = "freeze-at-write", FailLocksWord = "fail-locks";

    private long _freezeAtReadUntil, _freezeAtWriteUntil, _failLocksUntil;

    /// <summary>Stop, by SIGSTOP, just before data is read.</summary>
    public static string FreezeAtRead(TimeSpan within) => Order(FreezeAtReadWord, within);

    /// <summary>The same just before data is written.</summary>
    public static string FreezeAtWrite(TimeSpan within) => Order(FreezeAtWriteWord, within);

    /// <summary>Every lock call fails.</summary>
    public static string FailLocks(TimeSpan time) => Order(FailLocksWord, time);

    public WatchedShard Watch(IShardFileSystem shard, TimeProvider? clock) =>
        new(shard, clock)
        {
            BeforeRead = (path, _) => FreezeIfOrdered(path, ref _freezeAtReadUntil),
            Changing = (verb, path) =>
            {
                if (verb == "write")
                    FreezeIfOrdered(path, ref _freezeAtWriteUntil);
            },
            Locking = _ => FailIfOrdered(),
        };

    public void Obey(string order)
    {
        if (order.Split(' ') is not [var word, var until])
            return;
        long ticks = long.Parse(until, CultureInfo.InvariantCulture);
        if (word == FreezeAtReadWord)
            Volatile.Write(ref _freezeAtReadUntil, ticks);
        else if (word == FreezeAtWriteWord)
            Volatile.Write(ref _freezeAtWriteUntil, ticks);
        else if (word == FailLocksWord)
            Volatile.Write(ref _failLocksUntil, ticks);
    }

    private static string Order(string word, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{word} {Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency)}");

    private static void FreezeIfOrdered(string path, ref long until)
    {
        if (Volatile.Read(ref until) == 0 || path.StartsWith('.'))
            return;
        if (Stopwatch.GetTimestamp() < Interlocked.Exchange(ref until, 0))
            _ = Raise(NativeConvert.FromSignum(Signum.SIGSTOP));
    }

    private LockResult? FailIfOrdered() => Volatile.Read(ref _failLocksUntil) is not 0 and var until && Stopwatch.GetTimestamp() < until
        ? new LockResult(LockStatus.Failed, ShardError.Temporary, NativeConvert.FromErrno(Errno.ENOLCK)) : null;

    /// <summary>To this thread, which stops before it does anything else; after kill(2) another thread takes the signal, and this one goes on for a moment.</summary>
    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int Raise(int signal);
}
