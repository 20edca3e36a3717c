using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Volume;

/// <summary>Something mounted on a folder until it is disposed. Needs root; a test without is ignored and says so.</summary>
internal sealed class Mount : IDisposable
{
    private readonly string _folder;

    private Mount(string folder) => _folder = folder;

    public static Mount Tmpfs(string folder, string size) => Make(folder, $"mount -t tmpfs -o size={size} tmpfs '{folder}'");

    /// <summary>A folder seen in a second place too.</summary>
    public static Mount Bind(string what, string folder) => Make(folder, $"mount --bind '{what}' '{folder}'");

    public static Mount ReadOnly(string what, string folder)
    {
        Mount mount = Bind(what, folder);
        if (Shell.Run($"mount -o remount,bind,ro '{folder}'"))
            return mount;
        mount.Dispose();
        Assert.Ignore("This machine does not let a bind mount be made read-only.");
        return null;
    }

    public void Dispose() => Shell.Run($"umount '{_folder}'").Should().BeTrue();

    private static Mount Make(string folder, string command)
    {
        Directory.CreateDirectory(folder);
        if (!Environment.IsPrivilegedProcess || !Shell.Run(command))
            Assert.Ignore("Mounting a file system needs root.");
        return new Mount(folder);
    }
}
