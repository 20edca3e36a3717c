namespace ClusterHsm.Coordination;

/// <summary>Decides strict or relaxed for one access, within what the protocol allows.</summary>
/// <remarks>
/// A policy can only make an access stricter. Its answer is combined with <see cref="LockModeContext.Allowed"/>: an answer of
/// <see cref="LockMode.Relaxed"/> where only strict is allowed counts for nothing, so that no policy, however wrong, can break the
/// protocol. It is asked at every open and must be quick and thread-safe; an exception from it makes the access strict.
/// </remarks>
public abstract class LockModePolicy
{
    /// <summary>Relaxed whenever allowed.</summary>
    public static LockModePolicy Default { get; } = new WheneverAllowed();

    /// <summary>Never relaxed: every access locks the file and looks at its stub mark.</summary>
    public static LockModePolicy AlwaysStrict { get; } = new Never();

    /// <summary>
    /// Relaxed only once the node has been allowed it for <paramref name="calm"/> without a break: while migrations follow each other
    /// closely, the cache is not filled and thrown away again and again.
    /// </summary>
    /// <param name="calm">Zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="calm"/> is negative.</exception>
    public static LockModePolicy RelaxedAfter(TimeSpan calm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(calm, TimeSpan.Zero);
        return new AfterCalm(calm);
    }

    /// <summary>Decides one access.</summary>
    /// <param name="context">What is known of the node and the file.</param>
    public abstract LockMode Decide(in LockModeContext context);

    /// <summary>What holds for an access: relaxed only if the protocol allows it and the policy wants it.</summary>
    internal LockMode Resolve(in LockModeContext context)
    {
        if (context.Allowed != LockMode.Relaxed)
            return LockMode.Strict;
        try
        {
            return Decide(context) == LockMode.Relaxed ? LockMode.Relaxed : LockMode.Strict;
        }
        catch (Exception)
        {
            return LockMode.Strict;
        }
    }

    private sealed class WheneverAllowed : LockModePolicy
    {
        public override LockMode Decide(in LockModeContext context) => context.Allowed;
    }

    private sealed class Never : LockModePolicy
    {
        public override LockMode Decide(in LockModeContext context) => LockMode.Strict;
    }

    private sealed class AfterCalm(TimeSpan calm) : LockModePolicy
    {
        public override LockMode Decide(in LockModeContext context) =>
            context.Allowed == LockMode.Relaxed && context.InModeFor >= calm ? LockMode.Relaxed : LockMode.Strict;
    }
}
