using System.Buffers.Binary;
using System.Text;
using ClusterHsm.FileSystem.Windows;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Windows;

/// <summary>Links of Windows, which Wine has none of: a tree of names is put in their place, and the bytes of reparse points.</summary>
[TestFixture]
public sealed class LinkWalkTests
{
    private const uint SymbolicLink = 0xA000000C;
    private const uint MountPoint = 0xA0000003;

    [TestCase("link/file", "folder/file")]
    [TestCase("a/up/file", "file")]
    [TestCase("chain/x", "folder/x")]
    [TestCase("a/deep", "a/b/c")]
    [TestCase("plain/file", "plain/file")]
    public void A_relative_link_leads_on_from_its_folder(string path, string expected)
    {
        (LinkStep step, string names) = Walk(path, leavesLast: false);
        (step, names).Should().Be((LinkStep.NoLink, expected));
    }

    [TestCase("out/x")]
    [TestCase("a/far/x")]
    [TestCase("absolute")]
    [TestCase("absolute/x")]
    public void A_link_that_leads_out_or_is_absolute_leaves_the_root(string path) =>
        Walk(path, leavesLast: false).Step.Should().Be(LinkStep.Leaves);

    [Test]
    public void A_link_that_is_asked_for_is_not_followed_and_those_before_it_are()
    {
        Walk("absolute", leavesLast: true).Should().Be((LinkStep.NoLink, "absolute"));
        Walk("link/absolute", leavesLast: true).Should().Be((LinkStep.NoLink, "folder/absolute"));
    }

    [Test]
    public void Links_in_a_circle_go_on_for_ever_and_are_cut_off_by_the_caller() =>
        Walk("circle", leavesLast: false).Step.Should().Be(LinkStep.Followed);

    [TestCase("", "")]
    [TestCase("a//b/./c", "a\\b\\c")]
    [TestCase("a/../b", "b")]
    [TestCase("a/b/../../c/", "c")]
    public void A_path_is_a_list_of_names(string path, string expected)
    {
        WindowsName.TrySplit(path, out List<string> names).Should().BeTrue();
        WindowsName.Join(names).Should().Be(expected);
    }

    [TestCase("/a")]
    [TestCase("..")]
    [TestCase("a/../../b")]
    public void A_path_that_goes_above_its_beginning_is_none(string path) => WindowsName.TrySplit(path, out _).Should().BeFalse();

    [TestCase("..\\x", "../x")]
    [TestCase("folder", "folder")]
    public void The_target_of_a_relative_symbolic_link_is_read(string target, string expected) =>
        ReparsePoint.RelativeTarget(SymbolicLinkData(SymbolicLink, target, flags: 1)).Should().Be(expected);

    [TestCase(SymbolicLink, "\\??\\C:\\x", 0u)]
    [TestCase(SymbolicLink, "\\x", 1u)]
    [TestCase(SymbolicLink, "C:x", 1u)]
    [TestCase(MountPoint, "\\??\\C:\\x", 0u)]
    [TestCase(0x80000013u, "x", 1u)]
    public void Absolute_links_and_junctions_have_no_relative_target(uint tag, string target, uint flags) =>
        ReparsePoint.RelativeTarget(SymbolicLinkData(tag, target, flags)).Should().BeNull();

    [Test]
    public void A_reparse_point_cut_short_has_none()
    {
        byte[] whole = SymbolicLinkData(SymbolicLink, "some/where", flags: 1);
        for (int length = 0; length < whole.Length; length++)
            ReparsePoint.RelativeTarget(whole.AsSpan(0, length)).Should().BeNull();
    }

    [TestCase(0x400u, SymbolicLink, true)]
    [TestCase(0x400u, MountPoint, true)]
    [TestCase(0x400u, 0x80000013u, false, TestName = "A deduplicated file is no link")]
    [TestCase(0x400u, 0x9000001Au, false, TestName = "A cloud file is no link")]
    [TestCase(0x20u, SymbolicLink, false, TestName = "A file that is no reparse point is no link")]
    public void A_link_is_told_from_a_file_that_is_stored_in_its_own_way(uint attributes, uint tag, bool expected) =>
        ReparsePoint.IsLink(attributes, tag).Should().Be(expected);

    private static (LinkStep Step, string Names) Walk(string path, bool leavesLast)
    {
        var links = new Dictionary<string, string?>
        {
            ["link"] = "folder",
            ["chain"] = "a/../link",
            ["a/up"] = "..",
            ["a/deep"] = "b/c",
            ["a/far"] = "../..",
            ["out"] = "..",
            ["absolute"] = null,
            ["folder/absolute"] = null,
            ["circle"] = "circle",
        };
        WindowsName.TrySplit(path, out List<string> names);
        LinkStep step = LinkStep.Followed;
        for (int i = 0; i <= LinkWalk.MaxLinks && step == LinkStep.Followed; i++)
        {
            step = LinkWalk.Follow(names, leavesLast, prefix =>
                links.TryGetValue(string.Join('/', prefix), out string? target) ? new LinkWalk.Link(true, target) : default);
        }
        return (step, string.Join('/', names));
    }

    // [MS-FSCC] 2.1.2.4: the substitute name first here, then the same as the name to be shown.
    private static byte[] SymbolicLinkData(uint tag, string target, uint flags)
    {
        byte[] name = Encoding.Unicode.GetBytes(target), data = new byte[20 + name.Length * 2];
        BinaryPrimitives.WriteUInt32LittleEndian(data, tag);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(4), (ushort)(data.Length - 8));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(8), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(10), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(14), (ushort)name.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(16), flags);
        name.CopyTo(data, 20 + name.Length);
        return data;
    }
}
