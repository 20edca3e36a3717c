using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class MountEntryTests
{
    private static readonly string[] Table =
    [
        "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/vda rw",
        "36 22 0:40 / /mnt rw,noatime master:1 propagate_from:2 - nfs4 server:/x rw,vers=4.2,local_lock=none",
        @"37 36 0:41 / /mnt/with\040space\134and\011tab ro,relatime - fuse.glusterfs gluster:/v rw",
        "38 22 0:42 / /mnt rw - xfs /dev/vdb rw",
        "garbage",
        "",
        "39 22 0:43 / /broken rw",
    ];

    [Test]
    public void A_line_is_taken_apart()
    {
        MountEntry entry = MountEntry.Parse(Table[2])!;

        entry.Id.Should().Be(37);
        entry.Type.Should().Be("fuse.glusterfs");
        entry.MountPoint.Should().Be("/mnt/with space\\and\ttab");
        entry.Options.Should().Contain(["ro", "rw", "relatime"]);
    }

    [TestCase("40 22 0:41 /part /data ro - fuse.glusterfs gluster:/v rw", "/mnt/with space\\and\ttab")]
    [TestCase("40 22 0:99 /part /data ro - fuse.glusterfs gluster:/v rw", null)]
    [TestCase("40 22 0:99 / /data ro - fuse.glusterfs gluster:/v rw", "/data")]
    public void Of_a_bind_mount_the_mount_of_the_whole_is_found(string line, string? whole) =>
        MountEntry.Parse(line)!.FindWhole([.. Table, line]).Should().Be(whole);

    [Test]
    public void The_number_decides() => MountEntry.Choose(Table, 36, "/elsewhere")!.Type.Should().Be("nfs4");

    [TestCase("/mnt", "xfs", Description = "the one on top")]
    [TestCase("/mnt/file", "xfs")]
    [TestCase("/mntx", "ext4")]
    [TestCase("/mnt/with space\\and\ttab/x", "fuse.glusterfs")]
    public void Without_a_number_the_longest_mount_point_decides(string path, string type) =>
        MountEntry.Choose(Table, null, path)!.Type.Should().Be(type);

    [Test]
    public void What_is_not_in_the_table_is_not_found() => MountEntry.Choose(Table, 999, "/").Should().BeNull();

    [TestCase(@"\", @"\")]
    [TestCase(@"\04", @"\04")]
    [TestCase(@"\089", @"\089")]
    [TestCase(@"a\040", "a ")]
    public void Only_three_octal_digits_are_an_escape(string text, string expected) => MountEntry.Unescape(text).Should().Be(expected);
}
