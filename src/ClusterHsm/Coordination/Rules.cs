namespace ClusterHsm.Coordination;

/// <summary>The rules of docs/protocol/protocol.md, each named where it is enforced.</summary>
/// <remarks>
/// Constants, so that nothing of them is left in the compiled library. The simulation compiles the same sources with
/// <c>CLUSTERHSM_RULE_SWITCHES</c>, breaks one rule at a time and must find the damage: proof that it would find a mistake.
/// </remarks>
internal static class Rules
{
#if CLUSTERHSM_RULE_SWITCHES
    public static bool R1 = true, R2 = true, R3 = true, R4a = true, R4b = true, R4c = true, R5 = true, R6 = true, R7 = true, R8 = true,
        R9 = true, R11 = true;
#else
    /// <summary>A grant is good for one lease: <see cref="NodeLease"/>.</summary>
    public const bool R1 = true;

    /// <summary>A lease that had run out before the next grant voids the cache: <see cref="NodeLease"/>.</summary>
    public const bool R2 = true;

    /// <summary>No relaxed mode without the quiesce lock: <see cref="SignalPoller"/>.</summary>
    public const bool R3 = true;

    /// <summary>A migrator holds the signal: <see cref="SlotLocks"/>.</summary>
    public const bool R4a = true;

    /// <summary>A migrator waits for quiesce: <see cref="Handover"/>.</summary>
    public const bool R4b = true;

    /// <summary>A migrator waits for the end of every lease: <see cref="Handover"/>.</summary>
    public const bool R4c = true;

    /// <summary>An insert carries the epoch from before the look at the mark: <c>VolumeContext</c>.</summary>
    public const bool R5 = true;

    /// <summary>A relaxed read is validated when its data is in the buffer: <see cref="HsmFile"/>.</summary>
    public const bool R6 = true;

    /// <summary>Writers, and those whose handle is handed out, keep the file's lock: <see cref="HsmFile"/>.</summary>
    public const bool R7 = true;

    /// <summary>Stubs are made inside a handover only: <see cref="Handover"/>.</summary>
    public const bool R8 = true;

    /// <summary>Anything but a clean grant is a denial: <see cref="SignalPoller"/>.</summary>
    public const bool R9 = true;

    /// <summary>A held lock is trusted for one lease: <see cref="FileLock"/>, <see cref="SlotLocks"/>, <see cref="Handover"/>.</summary>
    public const bool R11 = true;
#endif

    /// <summary>Rules that are no condition to be left out, and what enforces them.</summary>
    public static IReadOnlyDictionary<string, string> ByStructure { get; } = new Dictionary<string, string>
    {
        ["R10"] = $"a slot is one byte and the same in both files ({nameof(SlotLocks)}); nodes ask for all slots ({nameof(SignalPoller)})",
    };
}
