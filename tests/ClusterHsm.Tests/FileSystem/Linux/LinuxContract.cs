using System.ComponentModel;
using System.Runtime.InteropServices;
using ClusterHsm.FileSystem;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>A folder of its own in the temporary folder; each node opens it for itself.</summary>
public sealed partial class LinuxShard : ShardUnderTest
{
    private readonly string _root = Directory.CreateTempSubdirectory("clusterhsm-contract-").FullName;
    private readonly List<IShardFileSystem> _nodes = [];

    public override IShardFileSystem OpenNode()
    {
        IShardFileSystem node = ShardFileSystem.Open(_root);
        _nodes.Add(node);
        return node;
    }

    public override void CreateHardLink(string existing, string path) => HardLink(PathOf(existing), PathOf(path));

    public override void CreateSymbolicLink(string path, string target) => File.CreateSymbolicLink(PathOf(path), target);

    public override void CreatePipe(string path) => Pipe(PathOf(path));

    public override void LetTimePass() => LetTimePass(Path.Combine(Path.GetTempPath(), Path.GetFileName(_root) + ".clock"));

    internal static void HardLink(string existing, string path) => Check(Link(existing, path));

    internal static void Pipe(string path) => Check(MkFifo(path, 0x1B6)); // rw for all

    /// <param name="probe">A file to be made and removed on the file system.</param>
    internal static void LetTimePass(string probe)
    {
        // The file system's clock moves in ticks of some milliseconds: its own times say when it has moved.
        try
        {
            File.WriteAllBytes(probe, []);
            DateTime before = File.GetLastWriteTimeUtc(probe);
            SpinWait.SpinUntil(() =>
            {
                File.WriteAllBytes(probe, [1]);
                return File.GetLastWriteTimeUtc(probe) > before;
            }, TimeSpan.FromSeconds(10));
        }
        finally
        {
            File.Delete(probe);
        }
    }

    public override void Dispose()
    {
        foreach (IShardFileSystem node in _nodes)
            node.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private string PathOf(string path) => Path.Combine(_root, path);

    private static void Check(int result)
    {
        if (result != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkFifo(string path, uint mode);
}

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfFiles : ContractOfFiles<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfHoles : ContractOfHoles<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfLocks : ContractOfLocks<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfAttributes : ContractOfAttributes<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfFacts : ContractOfFacts<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfDirectories : ContractOfDirectories<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfNames : ContractOfNames<LinuxShard>;

[TestFixture]
[Platform("Linux")]
public sealed class LinuxContractOfOpeners : ContractOfOpeners<LinuxShard>;
