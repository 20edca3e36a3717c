using System.Globalization;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using ClusterHsm.FileSystem.MacOS;
using ClusterHsm.FileSystem.Windows;
using ClusterHsm.Stubs;

namespace ClusterHsm.Diagnostics;

/// <summary>Does what it is asked on one view of the volume. The partner's process has one, and the doctor's own side too.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PartnerSession(IShardFileSystem shard) : IDisposable
{
    /// <summary>The attribute that stands for a record.</summary>
    public const string AttributeName = "user.clusterhsm.doctor";

    private const int MaxBytes = 1 << 20;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Dictionary<int, IShardFile> _files = [];
    private int _lastNumber;

    /// <summary>The answer to a line. Failures of the file system are answers too.</summary>
    public string Answer(string line) => PartnerJson.Write(Answer(PartnerJson.ReadRequest(line)));

    public void Dispose() => CloseAll();

    private PartnerAnswer Answer(PartnerRequest request)
    {
        try
        {
            return Do(request);
        }
        catch (ShardIOException failure)
        {
            return new PartnerAnswer { Error = failure.Error, Text = failure.Message.TrimEnd('.'), NativeError = failure.NativeError };
        }
    }

    private PartnerAnswer Do(PartnerRequest request)
    {
        switch (request.Operation)
        {
            case PartnerOperation.Hello:
                return Greet();
            case PartnerOperation.Open:
                _files.Add(++_lastNumber, shard.Open(request.Path, request.Options));
                return new PartnerAnswer { Number = _lastNumber, Inode = _files[_lastNumber].Identity.Inode };
            case PartnerOperation.CloseAll:
                CloseAll();
                return new PartnerAnswer();
            case PartnerOperation.Clock:
                return new PartnerAnswer { Number = (long)((Int128)shard.Clock.GetTimestamp() * NanosecondsPerSecond / shard.Clock.TimestampFrequency) };
            default:
                return Do(request, _files[request.File]);
        }
    }

    private static PartnerAnswer Do(PartnerRequest request, IShardFile file)
    {
        var range = new LockRange(request.Offset, request.Length);
        switch (request.Operation)
        {
            case PartnerOperation.Lock:
                return Answer(file.TryLock(range, request.Kind));
            case PartnerOperation.Unlock:
                return Answer(file.Unlock(range));
            case PartnerOperation.QueryLock:
                return Answer(file.QueryLock(range, request.Kind));
            case PartnerOperation.LockUnaccounted:
                return Answer(UnaccountedLock.Try(file, range, request.Kind));
            case PartnerOperation.Flock:
                return Answer(WholeFileLock.Try(file, request.Kind));
            case PartnerOperation.Unflock:
                return Answer(WholeFileLock.Unlock(file));
            case PartnerOperation.PosixLock:
                return Answer(PosixLock.Try(file, range, request.Kind));
            case PartnerOperation.PosixUnlock:
                return Answer(PosixLock.Unlock(file, range));
            case PartnerOperation.ReadAttribute:
                return ReadAttribute(file);
            case PartnerOperation.WriteAttribute:
                file.WriteAttribute(AttributeName, request.Bytes);
                break;
            case PartnerOperation.Read:
                byte[] buffer = new byte[Math.Clamp(request.Length, 0, MaxBytes)];
                return new PartnerAnswer { Bytes = buffer[..file.Read(buffer, request.Offset)] };
            case PartnerOperation.Write:
                file.Write(request.Bytes, request.Offset);
                break;
            case PartnerOperation.Punch:
                file.PunchHole(request.Offset, request.Length);
                break;
            case PartnerOperation.FindData:
                return new PartnerAnswer { Number = file.TryFindData(request.Offset, out _, out _) ? 1 : 0 };
            case PartnerOperation.Info:
                return Answer(file.GetInfo());
            case PartnerOperation.SetTimes:
                file.SetTimes(request.Accessed, request.Modified);
                break;
            case PartnerOperation.Touch:
                return new PartnerAnswer { Modified = file.Touch() };
            case PartnerOperation.Flush:
                file.Flush();
                break;
            case PartnerOperation.ExcludeOpeners:
                return new PartnerAnswer { Number = (long)file.TryExcludeOpeners() };
            case PartnerOperation.AdmitOpeners:
                file.AdmitOpeners();
                break;
            default:
                return new PartnerAnswer { Error = ShardError.NotSupported, Text = $"the partner does not know operation {request.Operation}" };
        }
        return new PartnerAnswer();
    }

    private PartnerAnswer Greet()
    {
        Guid? id = null;
        try
        {
            id = ShardDescriptor.Load(shard).ShardId;
        }
        catch (HsmException)
        {
            // No shard, or one that this user cannot read: the probe file decides.
        }
        return new PartnerAnswer { ShardId = id, Text = shard.Root, Number = Environment.ProcessId, Instance = InstanceOf(shard), Computer = Computer() };
    }

    /// <summary>
    /// Two mounts with one device number are one client of the file system: locks between them prove nothing about other computers.
    /// </summary>
    private static string InstanceOf(IShardFileSystem shard) =>
        shard switch
        {
            LinuxShardFileSystem linux => linux.Device.ToString()!,
            MacShardFileSystem mac => mac.Device.ToString("x", CultureInfo.InvariantCulture),
            WindowsShardFileSystem windows => windows.Volume.ToString("x", CultureInfo.InvariantCulture),
            _ => shard.Root,
        };

    /// <summary>Another at each start of a kernel (random(4)); empty where there is none.</summary>
    private static string Computer()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static PartnerAnswer ReadAttribute(IShardFile file)
    {
        byte[] buffer = new byte[2 * StubRecordCodec.MaxLength];
        int length = file.ReadAttribute(AttributeName, buffer);
        return new PartnerAnswer { Bytes = length < 0 ? null : buffer[..length] };
    }

    private static PartnerAnswer Answer(LockResult result) =>
        new() { Status = result.Status, Error = ShardError.None, Number = (long)result.Error, NativeError = result.NativeError };

    private static PartnerAnswer Answer(ShardFileInfo info) => new()
    {
        Size = info.Size,
        AllocatedBytes = info.AllocatedBytes,
        Inode = info.Identity.Inode,
        Accessed = info.Accessed,
        Modified = info.Modified,
        Changed = info.Changed,
    };

    private void CloseAll()
    {
        foreach (IShardFile file in _files.Values)
            file.Dispose();
        _files.Clear();
    }
}
