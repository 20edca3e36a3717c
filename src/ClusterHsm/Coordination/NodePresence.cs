using System.Globalization;
using ClusterHsm.FileSystem;
using Microsoft.Extensions.Logging;

namespace ClusterHsm.Coordination;

/// <summary>One party's file in <c>.clusterhsm/nodes</c>: shows others that it is alive and whether it is in a migrator's way.</summary>
/// <remarks>
/// Only for diagnosis: a party that may not write there works without. Never throws. Used by one thread at a time;
/// <see cref="Id"/> and <see cref="Error"/> may be read by any.
/// </remarks>
/// <param name="shard">The shard.</param>
/// <param name="descriptor">Its constants.</param>
/// <param name="role">What the party does on it.</param>
/// <param name="look">What it has to say of itself.</param>
/// <param name="nodeName">The computer's name; null for the host name.</param>
/// <param name="random">Where names come from.</param>
/// <param name="logger">Told when others cannot see it.</param>
internal sealed class NodePresence(
    IShardFileSystem shard, ShardDescriptor descriptor, NodeRole role, Func<NodeReport> look, string? nodeName, Random random, ILogger logger)
{
    private const int Attempts = 4;

    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>How often the text is rewritten while nothing changes, and how often a failed registration is tried again.</summary>
    private static readonly TimeSpan RewriteInterval = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock = shard.Clock;
    private readonly string _host = nodeName ?? Environment.MachineName;
    private IShardFile? _file;
    private bool _marked;
    private bool _tried;
    private bool _left;
    private long _lastTry;
    private long _lastWritten;
    private LockMode _writtenMode;
    private int _writtenLength;
    private volatile string? _id;
    private volatile string? _error;

    /// <summary>The name in the folder, or null while there is none.</summary>
    public string? Id => _id;

    /// <summary>Why there is none, or null.</summary>
    public string? Error => _error;

    /// <summary>Makes the file, if there is none and the last attempt was long enough ago.</summary>
    public void Register()
    {
        if (_file is not null || _left || (_tried && _clock.GetElapsedTime(_lastTry) < RewriteInterval))
            return;
        Guard(() =>
        {
            if (!_tried)
                NodeRegistry.List(shard, descriptor);
            _tried = true;
            _lastTry = _clock.GetTimestamp();
            if (shard.Capabilities.IsReadOnly)
            {
                Fail("the shard is mounted read-only here");
                return;
            }
            for (int i = 0; i < Attempts && _file is null; i++)
                TryRegister();
        });
        _tried = true;
        _lastTry = _clock.GetTimestamp();
    }

    /// <summary>Rewrites the text if the mode has changed or the last text is old.</summary>
    public void Report()
    {
        if (_file is null)
            return;
        NodeReport now = look();
        if (now.Mode == _writtenMode && _clock.GetElapsedTime(_lastWritten) < RewriteInterval)
            return;
        Guard(() =>
        {
            // A server that lost this client has dropped the lock, and somebody may have removed the file since.
            bool ours = _file.TryLock(NodeRegistry.AliveByte(descriptor), LockKind.Exclusive).IsGranted
                && shard.GetInfo(_file.Path)?.Identity.Inode == _file.Identity.Inode;
            if (ours)
            {
                Write(now);
                return;
            }
            bool marked = _marked;
            Drop();
            TryRegister();
            if (marked)
                MarkQuiesce(true);
        });
    }

    /// <summary>Says that quiesce is held or about to be taken. Call it before taking and after giving back.</summary>
    public void MarkQuiesce(bool held)
    {
        if (_file is null || held == _marked)
            return;
        Guard(() =>
        {
            LockRange range = NodeRegistry.QuiesceByte(descriptor);
            LockResult answer = held ? _file.TryLock(range, LockKind.Exclusive) : _file.Unlock(range);
            _marked = held && answer.IsGranted;
            if (answer.Error == ShardError.DeadHandle)
                Drop();
        });
    }

    /// <summary>Removes the file.</summary>
    public void Leave()
    {
        _left = true;
        if (_file is null)
            return;
        Guard(() => shard.Delete(_file.Path));
        Drop();
    }

    private void TryRegister()
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{HostInName()}-{Environment.ProcessId}-{NextNumber():x8}");
        IShardFile file;
        try
        {
            file = shard.Open(NodeRegistry.PathOf(id), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create | ShardOpenOptions.Exclusive, Mode);
        }
        catch (ShardIOException failure) when (failure.Error == ShardError.AlreadyExists)
        {
            return;
        }
        _file = file;
        LockResult answer = file.TryLock(NodeRegistry.AliveByte(descriptor), LockKind.Exclusive);
        if (answer.Status == LockStatus.Failed)
        {
            shard.Delete(file.Path);
            Drop();
            Fail($"locks fail there: {answer.Error}");
            return;
        }
        // Whoever lists at this moment may have taken the file for a dead party's, before the lock, and removed it.
        if (!answer.IsGranted || shard.GetInfo(file.Path)?.Identity.Inode != file.Identity.Inode)
        {
            Drop();
            return;
        }
        _id = id;
        _error = null;
        _writtenLength = 0;
        Write(look());
    }

    private void Write(in NodeReport report)
    {
        byte[] text = NodeRecord.Write(new NodeInfo
        {
            Id = _id!,
            Host = _host,
            ProcessId = Environment.ProcessId,
            ProcessName = ProcessName,
            Mode = report.Mode,
            Reason = report.Reason,
            Polls = report.Polls,
            Counters = report.Counters,
            Handover = report.Handover,
            LastWritten = _clock.GetUtcNow(),
            IsMigrator = role == NodeRole.Migrator,
        }, _writtenLength);
        _writtenMode = report.Mode;
        _writtenLength = text.Length;
        _lastWritten = _clock.GetTimestamp();
        _file!.Write(text, 0);
    }

    /// <summary>Runs I/O whose failure is only noted.</summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (ShardIOException failure)
        {
            Fail(failure.Message.TrimEnd('.'));
            if (failure.Error == ShardError.DeadHandle)
                Drop();
        }
        catch (Exception failure)
        {
            Fail(failure.Message.TrimEnd('.'));
        }
    }

    private void Fail(string why)
    {
        if (_error == why)
            return;
        _error = why;
        logger.NoPresence(shard.Root, why);
    }

    private void Drop()
    {
        IShardFile? file = _file;
        _file = null;
        _id = null;
        _marked = false;
        if (file is null)
            return;
        try
        {
            // Unlock before close: some file systems leak locks that are only closed.
            file.Unlock(new LockRange(descriptor.FileLockOffset, 2));
            file.Dispose();
        }
        catch (Exception)
        {
            // A dead descriptor is gone either way.
        }
    }

    private uint NextNumber()
    {
        lock (random)
            return (uint)random.NextInt64(1L << 32);
    }

    private string HostInName()
    {
        string name = string.Concat(_host.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')).TrimStart('.');
        return name.Length switch { 0 => "node", > 64 => name[..64], _ => name };
    }

    private static string ProcessName { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "unknown";
}
