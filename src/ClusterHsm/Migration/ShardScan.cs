using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>
/// Reads every record of a shard that is in use meanwhile, so that a file that is renamed from a folder not yet read into one already
/// read is not missed: folders that have changed since they were read are read again, until a pass finds none. All folders then held at
/// one instant, the beginning of that pass, what was read in them.
/// </summary>
/// <param name="context">The shard.</param>
/// <param name="settleTime">
/// A folder that has changed as lately as this may change again in the same tick of its times, unseen, and is read again.
/// </param>
internal sealed class ShardScan(MigrationContext context, TimeSpan settleTime)
{
    /// <summary>A shard whose folders change all the time is given up after so many passes.</summary>
    private const int MaxPasses = 100;

    private readonly Dictionary<string, Stamp> _folders = [];
    private readonly List<ScanGap> _gaps = [];
    private ShardTime _time = ShardTime.Read(context.Shard);

    /// <summary>What could not be read. Anything in it means that records may be missing.</summary>
    public IReadOnlyList<ScanGap> Gaps => _gaps;

    /// <summary>Records read, those of the same file in a later pass included.</summary>
    public long Records { get; private set; }

    /// <summary>Tells every record. Ends early when a gap can no longer be closed.</summary>
    public async Task RunAsync(Action<StubRecord> tell, CancellationToken cancellationToken)
    {
        Read([""], tell, cancellationToken);
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            if (_gaps.Count > 0)
                return;
            await Task.Delay(pass == 0 ? TimeSpan.Zero : settleTime, context.Shard.Clock, cancellationToken).ConfigureAwait(false);
            string[] changed = FindChanged(cancellationToken);
            if (changed.Length == 0)
                return;
            Read(changed, tell, cancellationToken);
        }
        _gaps.Add(new ScanGap(context.Shard.Root, "its folders changed all the time while they were read") { Error = HsmError.Busy });
    }

    private string[] FindChanged(CancellationToken cancellationToken)
    {
        List<string> changed = [];
        foreach ((string folder, Stamp stamp) in _folders)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ShardFileInfo? info = Look(folder);
            if (info is null)
                continue;
            if (stamp.IsFresh || stamp.Identity != info.Value.Identity || stamp.Modified != info.Value.Modified || stamp.Changed != info.Value.Changed)
                changed.Add(folder);
        }
        return [.. changed];
    }

    private void Read(IEnumerable<string> folders, Action<StubRecord> tell, CancellationToken cancellationToken)
    {
        _time = ShardTime.Read(context.Shard);
        Stack<string> open = new(folders);
        while (open.TryPop(out string? folder))
        {
            // The stamp is older than the reading: what changes in between is read again.
            if (Look(folder) is not { } info)
            {
                _folders.Remove(folder); // gone; the folder that held it has changed
                continue;
            }
            if (info.Type != ShardEntryType.Directory || !IsReadable(folder, info))
                continue;
            _folders[folder] = new Stamp(info.Identity, info.Modified, info.Changed, _time.AgeOf(info) < settleTime);
            try
            {
                foreach (ShardEntry entry in context.Shard.ReadDirectory(folder))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    string below = ShardPath.Combine(folder, entry.Name);
                    if (below != ControlFolder.Name)
                        Enter(below, entry.Type, open, tell);
                }
            }
            catch (ShardIOException e) when (e.Error == ShardError.NotFound)
            {
                // Removed while it was read; the folder that held it has changed.
            }
            catch (ShardIOException e)
            {
                Miss(folder, e);
            }
        }
    }

    private void Enter(string path, ShardEntryType type, Stack<string> folders, Action<StubRecord> tell)
    {
        if (type == ShardEntryType.Unknown)
            type = Look(path)?.Type ?? ShardEntryType.Other;
        if (type == ShardEntryType.Directory)
        {
            if (!_folders.ContainsKey(path))
                folders.Push(path);
            else if (Look(path) is { } info && info.Identity != _folders[path].Identity)
                folders.Push(path);
        }
        else if (type == ShardEntryType.File)
        {
            ReadRecord(path, tell);
        }
    }

    private void ReadRecord(string path, Action<StubRecord> tell)
    {
        try
        {
            ShardFileInfo? info = null;
            StubRecord? record = FileRecord.ReadAt(context.Shard, path, context.Seal, ref info, out RecordProblem? problem);
            if (record is null && problem is null)
                return;
            Records++;
            if (record is not null)
                tell(record);
            else
                Miss(path, $"its record cannot be believed: {problem!.Text}", problem.IsOfSignature ? HsmError.UntrustedRecord : HsmError.InvalidRecord);
        }
        catch (ShardIOException e) when (e.Error == ShardError.NotFound)
        {
            // Renamed or deleted since the folder was read: the folder has changed.
        }
        catch (ShardIOException e)
        {
            Miss(path, e);
        }
    }

    private bool IsReadable(string folder, in ShardFileInfo info)
    {
        if (info.Identity.OnShardDevice)
            return true;
        Miss(folder, "something is mounted there, which may hide files of the shard", HsmError.OtherDevice);
        return false;
    }

    private ShardFileInfo? Look(string path)
    {
        try
        {
            return context.Shard.GetInfo(path);
        }
        catch (ShardIOException e)
        {
            Miss(path, e);
            return null;
        }
    }

    private void Miss(string path, ShardIOException e)
    {
        HsmException named = e.ToHsmException();
        Miss(path, named.Cause, named.Error);
    }

    private void Miss(string path, string reason, HsmError error) => _gaps.Add(new ScanGap(context.Display(path), reason) { Error = error });

    private readonly record struct Stamp(FileIdentity Identity, ShardTimestamp Modified, ShardTimestamp Changed, bool IsFresh);
}

/// <summary>Something on a shard that a scan could not read.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record ScanGap(string Path, string Reason)
{
    /// <summary>Which failure it is.</summary>
    public HsmError Error { get; init; } = HsmError.FileSystem;
}
