using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>The shard's own files and this user's permissions on them. Signal and quiesce are never locked by this, only asked about.</summary>
internal sealed class ShardChecks : DoctorCheck
{
    public static readonly DoctorQuestion Join = new("shard.join", "this user can join as a node", DoctorNeed.Operation, HsmError.AccessDenied);

    public static readonly DoctorQuestion Nodes = new("shard.nodes", "the list of nodes can be read", DoctorNeed.Operation, HsmError.InvalidShard);

    public static readonly DoctorQuestion Migrate = new("shard.migrate", "this user can migrate", DoctorNeed.Nothing, HsmError.AccessDenied);

    private static readonly string[] ControlFiles = [ControlFolder.SignalPath, ControlFolder.QuiescePath];

    public override IReadOnlyList<DoctorQuestion> Questions => [Join, Nodes, Migrate];

    public override bool NeedsProbeFiles => false;

    public override Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        AskJoin(x);
        AskNodes(x);
        AskMigrate(x);
        return Task.CompletedTask;
    }

    private static void AskJoin(Examination x)
    {
        try
        {
            List<string> seen = [];
            foreach (string path in ControlFiles)
            {
                using IShardFile file = Open(x, path, ShardOpenOptions.Read);
                LockResult answer = file.QueryLock(x.Slots, LockKind.Shared);
                if (answer.Status == LockStatus.Failed)
                {
                    x.DoesNotHold(Join with { Error = HsmError.NotSupported }, $"asking for a lock on {path} {Words.Answer(answer)}",
                        "every node stays strict, and no migration can begin");
                    return;
                }
                seen.Add($"{Path.GetFileName(path)} {(answer.IsGranted ? "free" : "held by a migrator at this moment")}");
            }
            x.Holds(Join, Words.List(seen));
        }
        catch (ShardIOException failure)
        {
            bool missing = failure.Error is ShardError.NotFound or ShardError.NotARegularFile;
            x.DoesNotHold(missing ? Join with { Error = HsmError.InvalidShard } : Join, failure.Message.TrimEnd('.'),
                missing ? "make the file anew, empty, with the permissions of the control folder, while nobody is on the shard"
                    : "grant this user read permission on .clusterhsm, signal and quiesce");
        }
    }

    private static void AskNodes(Examination x)
    {
        try
        {
            IReadOnlyList<NodeInfo> nodes = NodeRegistry.List(x.Shard, x.Descriptor!);
            int alive = nodes.Count(static node => node.IsAlive);
            x.Holds(Nodes, alive == 1 ? "1 process is on the shard" : $"{alive} processes are on the shard");
        }
        catch (HsmException failure)
        {
            x.DoesNotHold(Nodes with { Error = failure.Error }, failure.Cause, failure.Remedy);
        }
    }

    private static void AskMigrate(Examination x)
    {
        try
        {
            foreach (string path in ControlFiles)
                Open(x, path, ShardOpenOptions.ReadWrite).Dispose();
            x.Holds(Migrate, "signal and quiesce can be opened for writing");
        }
        catch (ShardIOException failure)
        {
            x.DoesNotHold(Migrate, failure.Message.TrimEnd('.'), failure.Error == ShardError.AccessDenied
                ? "no harm to a reader: write permission on signal and quiesce is what makes a migrator"
                : "no migration can begin from here");
        }
    }

    /// <summary>Opens what a node would take for the file: an opening alone would follow a link.</summary>
    private static IShardFile Open(Examination x, string path, ShardOpenOptions options) => x.Shard.GetInfo(path) switch
    {
        { Type: not ShardEntryType.File } => throw new ShardIOException(
            ShardError.NotARegularFile, "open", ShardPath.Display(x.Shard.Root, path), "it is not a regular file"),
        _ => x.Shard.Open(path, options),
    };
}
