namespace ClusterHsm.Diagnostics;

/// <summary>A thing to be found out.</summary>
/// <param name="Id">Its name for programs.</param>
/// <param name="Name">A short sentence that is true if it holds.</param>
/// <param name="Need">What it is needed for.</param>
/// <param name="Error">The kind of failure if it does not hold.</param>
internal sealed record DoctorQuestion(string Id, string Name, DoctorNeed Need, HsmError Error = HsmError.NotSupported);

/// <summary>Trials that belong together. What a check leaves unanswered, because it failed half way, counts as "could not tell".</summary>
internal abstract class DoctorCheck
{
    /// <summary>All that it answers.</summary>
    public abstract IReadOnlyList<DoctorQuestion> Questions { get; }

    /// <summary>Whether it works on files in the probe folder, with both parties.</summary>
    public virtual bool NeedsProbeFiles => true;

    /// <exception cref="PartyFailedException">A party could not do its part.</exception>
    public abstract Task RunAsync(Examination x, CancellationToken cancellationToken);
}
