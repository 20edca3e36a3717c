using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>What the kernel's answers mean; on a real client: <c>tests/cluster/ceph-lab</c>.</summary>
public sealed class CephClientTests
{
    [Test]
    public void Who_has_no_page_cache_is_trusted() => CephClient.FindFault(Errno.NoDevice).Should().BeNull();

    [TestCase(Errno.None, "*does not drop it*fuse_disable_pagecache = true*")]
    [TestCase(Errno.AccessDenied, "*cannot be told*fuse_disable_pagecache = true*")]
    public void Who_has_one_or_does_not_tell_is_not(int errno, string fault) => CephClient.FindFault(errno).Should().Match(fault);

    [TestCase("fuse.ceph-fuse", true)]
    [TestCase("ceph", false)]
    [TestCase("fuse.glusterfs", false)]
    public void Clients_in_user_space_are_asked(string type, bool isAsked) => CephClient.Is(type).Should().Be(isAsked);

    [Test]
    [Platform("Linux")]
    public void A_file_of_a_file_system_with_a_page_cache_is_found_to_have_one()
    {
        using LinuxTestFolder folder = new();
        string path = Path.Combine(folder.Shard.Root, "f");
        File.WriteAllText(path, "");
        using Microsoft.Win32.SafeHandles.SafeFileHandle open = File.OpenHandle(path);
        using LinuxFileHandle file = new((int)open.DangerousGetHandle());

        CephClient.FindFault(file).Should().StartWith("its client has the kernel keep data");
        file.Detach(); // it is the other handle's to close
    }
}
