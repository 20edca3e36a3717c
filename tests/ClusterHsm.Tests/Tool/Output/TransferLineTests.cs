using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool.Output;

/// <summary>What a long command says of itself in one line of a terminal.</summary>
public sealed class TransferLineTests
{
    private static readonly TransferStatus Known = new()
    {
        Files = 1200,
        TotalFiles = 10_000,
        Bytes = 3L << 30,
        Progress = 4L << 30,
        TotalBytes = 40L << 30,
        BytesPerSecond = 85.3 * (1 << 20),
        FilesPerSecond = 12,
        Left = TimeSpan.FromSeconds(443),
    };

    [Test]
    public void All_that_is_known_is_told() =>
        TransferLine.Draw("recalling", Known, "a/b/scan.tif", 120).Should()
            .Be("recalling 1,200 of 10,000 files, 4.0 GiB of 40.0 GiB, 85.3 MiB/s, 7 min 23 s left  a/b/scan.tif");

    [Test]
    public void What_nobody_knows_is_left_out() =>
        TransferLine.Draw("recalling", new TransferStatus { Files = 3, Bytes = 5, BytesPerSecond = 2 }, "f", 120).Should()
            .Be("recalling 3 files, 5 B, 2 B/s  f");

    [Test]
    public void Without_bytes_files_have_the_rate() =>
        TransferLine.Draw("releasing", new TransferStatus { Files = 256, TotalFiles = 1000, FilesPerSecond = 51.25, Left = TimeSpan.FromSeconds(14.5) }, "", 80).Should()
            .Be("releasing 256 of 1,000 files, 51.3 files/s, 15 s left");

    [Test]
    public void When_all_is_done_nothing_is_left() =>
        TransferLine.Draw("verifying", new TransferStatus { Files = 7, TotalFiles = 7, Left = TimeSpan.Zero }, "", 80).Should().Be("verifying 7 of 7 files");

    [TestCase(40)]
    [TestCase(80)]
    [TestCase(100)]
    [TestCase(200)]
    public void A_line_is_never_wider_than_the_terminal(int width)
    {
        string line = TransferLine.Draw("recalling", Known, string.Concat(Enumerable.Repeat("長い名前/", 40)) + "end.tif", width);

        Columns.WidthOf(line).Should().BeLessThanOrEqualTo(width);
        if (width >= 100)
            line.Should().EndWith("end.tif", "the end of a path says most");
    }

    [Test]
    public void A_name_cannot_steer_the_terminal() =>
        TransferLine.Draw("recalling", Known, "a\e[2Jb\nc", 200).Should().EndWith("a\\x1b[2Jb\\x0ac");
}
