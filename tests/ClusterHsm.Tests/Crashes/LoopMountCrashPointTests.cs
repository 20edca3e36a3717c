using ClusterHsm.Tests.Volume;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Crashes;

/// <summary>The same on file systems that are what their names say, each in a file mounted as a disk. Needs root and the file system's mkfs.</summary>
/// <remarks>The folder for temporary files is on a tmpfs or an overlay in many places.</remarks>
[TestFixture("ext4", "e2fsprogs", "mkfs.ext4 -q -F")]
[TestFixture("xfs", "xfsprogs", "mkfs.xfs -q")]
[TestFixture("btrfs", "btrfs-progs", "mkfs.btrfs -q")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LoopMountCrashPointTests(string type, string package, string format) : CrashPointTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
    private bool _isMounted;

    private protected override string Below => Path.Combine(_folder, "mount");

    [OneTimeSetUp]
    public void MountIt()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Ignore("Mounting a file system needs root.");
        if (!Shell.Run($"command -v {format.Split(' ')[0]}"))
            Assert.Ignore($"There is no {format.Split(' ')[0]} here; the package '{package}' has it.");
        string disk = Path.Combine(_folder, "disk");
        using (FileStream file = File.Create(disk))
            file.SetLength(512L << 20);
        Shell.Run($"{format} '{disk}'").Should().BeTrue();
        Directory.CreateDirectory(Below);
        _isMounted = Shell.Run($"mount -t {type} -o loop '{disk}' '{Below}'");
        if (!_isMounted)
            Assert.Ignore($"This machine does not mount {type} from a file.");
    }

    [OneTimeTearDown]
    public void UnmountIt()
    {
        if (_isMounted)
            Shell.Run($"umount '{Below}'").Should().BeTrue();
        Directory.Delete(_folder, recursive: true);
    }
}
