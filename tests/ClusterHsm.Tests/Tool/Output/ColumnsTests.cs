using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool.Output;

public sealed class ColumnsTests
{
    [TestCase("", 0)]
    [TestCase("node", 4)]
    [TestCase("Rechner-ä", 9)]
    [TestCase("e\u0301", 1, Description = "a combining accent")]
    [TestCase("機", 2)]
    [TestCase("🙂", 2)]
    public void A_text_has_the_width_that_a_terminal_gives_it(string text, int width) => Columns.WidthOf(text).Should().Be(width);

    [TestCase("node", 4, "node")]
    [TestCase("node7", 4, "nod~")]
    [TestCase("機機機", 5, "機機~")]
    [TestCase("機機機", 4, "機~")]
    [TestCase("node", 1, "~")]
    [TestCase("node", 0, "")]
    public void A_text_that_is_too_wide_is_cut(string text, int width, string fitting) => Columns.Fit(text, width).Should().Be(fitting);

    [TestCase("a/b/c.tif", 6, "~c.tif")]
    [TestCase("a/b", 6, "a/b")]
    public void A_path_that_is_too_wide_loses_its_beginning(string text, int width, string fitting) => Columns.FitEnd(text, width).Should().Be(fitting);

    [Test]
    public void A_cell_is_filled()
    {
        Columns.Pad("機", 4).Should().Be("機  ");
        Columns.Pad("12", 4, toTheRight: true).Should().Be("  12");
    }
}
