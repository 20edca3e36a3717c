namespace ClusterHsm.Diagnostics;

/// <summary>What one trial showed, and what follows from it. Immutable.</summary>
public sealed record DoctorFinding
{
    /// <summary>Its name for programs, such as <c>locks.exclusive-here</c>. It does not change between versions.</summary>
    public required string Id { get; init; }

    /// <summary>What was asked, as a short sentence that is true if it holds.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it holds.</summary>
    public required DoctorVerdict Verdict { get; init; }

    /// <summary>What was seen, or why nothing could be.</summary>
    public required string Seen { get; init; }

    /// <summary>What follows and what to do; empty if nothing does.</summary>
    public string Follows { get; init; } = "";

    /// <summary>What it is needed for.</summary>
    public DoctorNeed Need { get; init; }

    /// <summary>The kind of failure, if it is one: the command's exit code.</summary>
    public HsmError Error { get; init; } = HsmError.NotSupported;

    /// <summary>Whether something needed does not hold.</summary>
    public bool IsFailure => Need != DoctorNeed.Nothing && Verdict == DoctorVerdict.DoesNotHold;

    /// <summary>Whether something needed could not be tried.</summary>
    public bool IsOpen => Need != DoctorNeed.Nothing && Verdict == DoctorVerdict.CouldNotTell;
}
