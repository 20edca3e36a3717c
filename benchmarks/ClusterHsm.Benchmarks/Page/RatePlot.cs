using System.Globalization;
using System.Net;
using System.Text;

namespace ClusterHsm.Benchmarks.Page;

/// <summary>A picture of all ratios that have a goal: bars on a logarithmic scale, right of the middle where the library is faster than its peer.</summary>
internal static class RatePlot
{
    private const int Left = 430, Width = 380, Row = 26, Top = 40;
    private const double Most = 16;

    private static readonly Line[] s_lines =
    [
        new("inode cache, 10 thousand: hits, against ConcurrentDictionary", "Hits in the inode cache", "ConcurrentDictionary|10000|", 5, 3, false),
        new("inode cache, 1 million: hits, against ConcurrentDictionary", "Hits in the inode cache", "ConcurrentDictionary|1000000|", 5, 3, false),
        new("inode cache, 10 thousand: hits, against FastConcurrentLru", "Hits in the inode cache", "FastConcurrentLru|10000|", 5, 3, false),
        new("inode cache, 1 million: hits, against FastConcurrentLru", "Hits in the inode cache", "FastConcurrentLru|1000000|", 5, 3, false),
        new("open, read 4 KiB, close; relaxed, against File.OpenHandle", "Opening and reading a file that is in the page cache", "`HsmVolume.OpenFile`", 2, 1 / 0.75, true),
        new("the same, strict", "Opening and reading a file that is in the page cache", "the same, strict", 2, null, true),
        new("a further read, against RandomAccess.Read", "Opening and reading a file that is in the page cache", "`HsmFile.Read`; relaxed", 2, null, true),
        new("archive 1 GiB, against cp and sync", "Archive, release, recall", "one file of 1 GiB: archive|", 2, 0.9, false),
        new("recall 1 GiB, against cp and sync", "Archive, release, recall", "one file of 1 GiB: recall|", 2, 0.9, false),
        new("archive 10,000 files of 16 KiB, against cp and sync", "Archive, release, recall", "10,000 files of 16 KiB: archive|", 2, 0.7, false),
        new("the same by the native command", "Archive, release, recall", "10,000 files of 16 KiB: archive, native", 2, 0.7, false),
        new("recall 10,000 files of 16 KiB, against cp and sync", "Archive, release, recall", "10,000 files of 16 KiB: recall|", 2, 0.7, false),
        new("states of a million files, against find", "A scan of a million files", "`clusterhsm status", 2, 0.5, false),
    ];

    /// <returns>An SVG image; a line that was not measured is not in it.</returns>
    public static string Draw(Measured measured)
    {
        (Line Line, double Rate)[] drawn =
        [
            .. from line in s_lines
               let number = measured.Number(line.Section, line.Row, line.Column)
               where number > 0
               select (line, line.IsTime ? 1 / number.Value : number.Value),
        ];
        int height = Top + (drawn.Length * Row) + 20;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 60} {height}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="10" y="18">How many times as fast as its peer in the same run (logarithmic); the mark is the goal.</text>

            """);
        foreach (double tick in (double[])[0.25, 0.5, 1, 2, 4, 8, 16])
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{X(tick):0.#}" x2="{X(tick):0.#}" y1="{Top - 4}" y2="{height - 16}" stroke="{(tick == 1 ? "#444444" : "#dddddd")}"/>
                <text x="{X(tick):0.#}" y="{height - 4}" text-anchor="middle" fill="#666666">{tick}</text>

                """);
        }
        for (int i = 0; i < drawn.Length; i++)
        {
            (Line line, double rate) = drawn[i];
            int y = Top + (i * Row);
            double from = Math.Min(X(1), X(rate)), to = Math.Max(X(1), X(rate));
            bool isReached = line.Goal is not { } goal || rate >= goal;
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Left - 10}" y="{y + 14}" text-anchor="end">{WebUtility.HtmlEncode(line.Label)}</text>
                <rect x="{from:0.#}" y="{y + 3}" width="{to - from:0.#}" height="14" fill="{(isReached ? "#3a7d5d" : "#c07a2c")}"/>
                <text x="{Left + Width + 15}" y="{y + 14}">{rate:0.00}</text>

                """);
            if (line.Goal is { } mark)
                svg.Append(CultureInfo.InvariantCulture, $"""
                    <line x1="{X(mark):0.#}" x2="{X(mark):0.#}" y1="{y}" y2="{y + 20}" stroke="#000000" stroke-width="2"/>

                    """);
        }
        return svg.Append("</svg>\n").ToString();

        static double X(double rate) => Left + (Width * (Math.Log2(Math.Clamp(rate, 0.25, Most)) + 2) / (Math.Log2(Most) + 2));
    }

    /// <param name="Label">What is drawn.</param>
    /// <param name="Section">Where it was printed.</param>
    /// <param name="Row">How its row begins.</param>
    /// <param name="Column">Which cell.</param>
    /// <param name="Goal">The rate to reach; null if none is set.</param>
    /// <param name="IsTime">Whether the cell is a ratio of times, and not of rates.</param>
    private readonly record struct Line(string Label, string Section, string Row, int Column, double? Goal, bool IsTime);
}
