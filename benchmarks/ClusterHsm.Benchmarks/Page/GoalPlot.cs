using System.Globalization;
using System.Net;
using System.Text;

namespace ClusterHsm.Benchmarks.Page;

/// <summary>A picture of all goals: bars on a logarithmic scale, right of the line where the goal was reached.</summary>
internal static class GoalPlot
{
    private const int Left = 480, Width = 380, Row = 24, Top = 40;
    private const double Least = 1.0 / 32, Most = 32;

    /// <returns>An SVG image; a goal whose figure was not measured is not in it.</returns>
    public static string Draw(Measured measured)
    {
        (Goal Goal, double Figure)[] drawn =
            [.. from goal in Goals.All let figure = goal.Figure(measured) where figure is not null select (goal, figure.Value)];
        int height = Top + (drawn.Length * Row) + 20;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 100} {height}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="10" y="18">How far each goal is reached: 1 is the goal, right of it is better by as many times (logarithmic). At the right: what was measured.</text>

            """);
        foreach (double tick in (double[])[1 / 16.0, 0.25, 1, 4, 16])
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{X(tick):0.#}" x2="{X(tick):0.#}" y1="{Top - 4}" y2="{height - 16}" stroke="{(tick == 1 ? "#000000" : "#dddddd")}"/>
                <text x="{X(tick):0.#}" y="{height - 4}" text-anchor="middle" fill="#666666">{tick:0.##}</text>

                """);
        }
        for (int i = 0; i < drawn.Length; i++)
        {
            (Goal goal, double figure) = drawn[i];
            double reached = goal.Reached(figure);
            int y = Top + (i * Row);
            double from = Math.Min(X(1), X(reached)), to = Math.Max(X(1), X(reached));
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Left - 10}" y="{y + 14}" text-anchor="end">{WebUtility.HtmlEncode(goal.Work)}</text>
                <rect x="{from:0.#}" y="{y + 3}" width="{Math.Max(1, to - from):0.#}" height="14" fill="{(reached >= 1 ? "#3a7d5d" : "#c07a2c")}"/>
                <text x="{Left + Width + 10}" y="{y + 14}">{WebUtility.HtmlEncode(goal.Words(figure))}</text>

                """);
        }
        return svg.Append("</svg>\n").ToString();

        static double X(double reached) =>
            Left + (Width * (Math.Log2(Math.Clamp(reached, Least, Most)) - Math.Log2(Least)) / (Math.Log2(Most) - Math.Log2(Least)));
    }
}
