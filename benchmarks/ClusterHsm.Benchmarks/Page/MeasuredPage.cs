using System.Text;

namespace ClusterHsm.Benchmarks.Page;

/// <summary>Puts what was measured into a page that is otherwise written by hand.</summary>
/// <remarks>
/// Between <c>&lt;!-- measured: TITLE --&gt;</c> and <c>&lt;!-- end --&gt;</c> stands what the section of that title printed, after its
/// command; where the title is <c>summary</c>, a table of all goals; between <c>&lt;!-- measured --&gt;</c> and <c>&lt;!-- end --&gt;</c> when, at which commit and on which machine.
/// </remarks>
internal static class MeasuredPage
{
    private const string Begin = "<!-- measured", End = "<!-- end -->";

    /// <returns>The page with all that was measured in it.</returns>
    /// <exception cref="FormatException">The page names a section that was not measured, or lacks a mark.</exception>
    public static string Fill(string page, Measured measured)
    {
        StringBuilder filled = new();
        int at = 0;
        for (int begin; (begin = page.IndexOf(Begin, at, StringComparison.Ordinal)) >= 0; at = page.IndexOf(End, begin, StringComparison.Ordinal))
        {
            int close = page.IndexOf("-->", begin, StringComparison.Ordinal);
            if (close < 0 || page.IndexOf(End, close, StringComparison.Ordinal) < 0)
                throw new FormatException($"The page has no '{End}' after character {begin}.");
            string title = page[(begin + Begin.Length)..close].Trim(':', ' ');
            filled.Append(page, at, close + "-->".Length - at).Append("\n\n").Append(Of(measured, title)).Append("\n\n");
        }
        return filled.Append(page, at, page.Length - at).ToString();
    }

    private static string Of(Measured measured, string title)
    {
        if (title.Length == 0)
            return measured.About;
        if (title == Summary.Title)
            return Summary.Table(measured);
        if (!measured.Sections.TryGetValue(title, out string? section))
            throw new FormatException($"The page wants '{title}', which was not measured.");
        return section;
    }
}
