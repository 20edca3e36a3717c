using System.Text;

namespace ClusterHsm.Benchmarks.Page;

/// <summary>A table of all goals: one line each.</summary>
internal static class Summary
{
    /// <summary>What the page calls it.</summary>
    public const string Title = "summary";

    /// <returns>A Markdown table; a goal whose figure was not measured says so.</returns>
    public static string Table(Measured measured)
    {
        StringBuilder table = new("| what | goal | measured | reached |\n|---|---|---:|---|\n");
        foreach (Goal goal in Goals.All)
        {
            double? figure = goal.Figure(measured);
            table.Append(figure is { } known
                ? $"| {goal.Work} | {goal.InWords} | {goal.Words(known)} | {(goal.Reached(known) >= 1 ? "yes" : "**no**")} |\n"
                : $"| {goal.Work} | {goal.InWords} | not measured | |\n");
        }
        return table.ToString().TrimEnd();
    }
}
