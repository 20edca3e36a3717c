using System.ComponentModel;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Windows;
using ClusterHsm.Tests.FileSystem;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>A folder of its own in the temporary folder; each node opens it for itself.</summary>
public class WindowsShard : ShardUnderTest
{
    private readonly List<IShardFileSystem> _nodes = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("clusterhsm-contract-").FullName;

    public override bool LocksAreAdvisory => false;

    public override bool RefusedConversionsKeepTheLock => false;

    public override bool ReopensDeletedFiles => false;

    /// <summary>Wine opens "the same file" by the name that it had.</summary>
    public override bool ReopensRenamedFiles => RealWindows.IsAsked;

    /// <summary>Wine knows no POSIX renames; NTFS does.</summary>
    public override bool ReplacesOpenFiles => RealWindows.IsAsked;

    public sealed override IShardFileSystem OpenNode()
    {
        IShardFileSystem node = WindowsShardFileSystem.Open(Root, Features);
        _nodes.Add(node);
        return node;
    }

    public override void CreateHardLink(string existing, string path)
    {
        if (!WindowsNative.CreateHardLink(Path.Combine(Root, path), Path.Combine(Root, existing), 0))
            throw new Win32Exception();
    }

    public override void CreateSymbolicLink(string path, string target)
    {
        if (!RealWindows.IsAsked)
            Assert.Ignore("Wine follows the links of Linux by itself and makes none of Windows: see LinkWalkTests.");
        File.CreateSymbolicLink(Path.Combine(Root, path), target.Replace('/', '\\'));
    }

    public override void CreatePipe(string path) => Assert.Ignore("Windows has no pipes among its files.");

    public override void LetTimePass()
    {
        // The file system's clock moves in ticks of some milliseconds: its own times say when it has moved.
        string probe = Root + ".clock";
        File.WriteAllBytes(probe, []);
        DateTime before = File.GetLastWriteTimeUtc(probe);
        SpinWait.SpinUntil(() =>
        {
            File.WriteAllBytes(probe, [1]);
            return File.GetLastWriteTimeUtc(probe) > before;
        }, TimeSpan.FromSeconds(10));
        File.Delete(probe);
    }

    public override void Dispose()
    {
        foreach (IShardFileSystem node in _nodes)
            node.Dispose();
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual VolumeFeatures? Features => null;
}

/// <summary>The same with <see cref="FakeFeatures"/> in the place of what Wine does not do, unless this is Windows itself.</summary>
public sealed class WindowsShardWithStubs : WindowsShard
{
    private readonly FakeFeatures _fakes = new();

    private protected override VolumeFeatures? Features => RealWindows.IsAsked ? null : _fakes;
}
