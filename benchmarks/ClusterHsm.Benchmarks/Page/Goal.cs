using System.Globalization;

namespace ClusterHsm.Benchmarks.Page;

/// <summary>What was to be reached, and where what was reached stands.</summary>
/// <param name="Work">Of what.</param>
/// <param name="Bound">The figure to reach.</param>
/// <param name="IsAtMost">Whether less is better.</param>
/// <param name="Unit">After the figure, its space included.</param>
/// <param name="Format">Of the figure.</param>
/// <param name="Figure">The figure; null if it was not measured.</param>
internal sealed record Goal(string Work, double Bound, bool IsAtMost, string Unit, string Format, Func<Measured, double?> Figure)
{
    /// <summary>How far it was reached: 1 is the goal, more is better.</summary>
    public double Reached(double figure) => !IsAtMost ? figure / Bound : figure > 0 ? Bound / figure : double.PositiveInfinity;

    /// <summary>The goal in words.</summary>
    public string InWords => $"{(IsAtMost ? "at most" : "at least")} {Bound.ToString(CultureInfo.InvariantCulture)}{Unit}";

    /// <summary>A figure in words.</summary>
    public string Words(double figure) => figure.ToString(Format, CultureInfo.InvariantCulture) + Unit;
}
