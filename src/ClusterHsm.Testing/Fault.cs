using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>A fault on order, for the calls that it was made for. It does nothing until it is told what.</summary>
/// <remarks>Thread-safe. Told more than once what to do, it does the last.</remarks>
public class Fault
{
    private readonly Func<ShardOperationInfo, bool> _matches;
    private readonly Lock _gate = new();
    private int _after;
    private int _times = int.MaxValue;
    private int _seen;
    private Effect _effect;

    internal Fault(Func<ShardOperationInfo, bool> matches) => _matches = matches;

    /// <summary>How often it has struck.</summary>
    public int Hits { get; private set; }

    /// <summary>Whether it can strike no more: it was removed, or it has struck as often as it was ordered to.</summary>
    public bool IsSpent
    {
        get { lock (_gate) return Hits >= _times; }
    }

    /// <summary>Lets this many calls pass first.</summary>
    public Fault After(int calls)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(calls);
        lock (_gate)
            _after = calls;
        return this;
    }

    /// <summary>Strikes this many times, then lets all pass. Without it, it strikes until it is removed.</summary>
    public Fault Times(int calls)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(calls);
        lock (_gate)
            _times = calls;
        return this;
    }

    /// <summary>Strikes once.</summary>
    public Fault Once() => Times(1);

    /// <summary>The call changes nothing and fails: a lock call answers <see cref="LockStatus.Failed"/>, the others throw.</summary>
    public Fault Fail(ShardError error) => Do(new Effect(EffectKind.Fail, error));

    /// <summary>The call is made, and takes as long as the action, which runs before it, outside all locks.</summary>
    public Fault Delay(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Do(new Effect(EffectKind.Delay, Action: action));
    }

    /// <summary>The node crashes before the call changes anything.</summary>
    public Fault CrashBefore() => Do(new Effect(EffectKind.CrashBefore));

    /// <summary>The node crashes when the call is done, before its caller hears of it.</summary>
    public Fault CrashAfter() => Do(new Effect(EffectKind.CrashAfter));

    /// <summary>Ends it.</summary>
    public void Remove() => Times(0);

    internal Effect Consider(ShardOperationInfo info)
    {
        if (!_matches(info))
            return default;
        lock (_gate)
        {
            if (_effect.Kind == EffectKind.None || _seen++ < _after || Hits >= _times)
                return default;
            Hits++;
            return _effect;
        }
    }

    private protected Fault Do(Effect effect)
    {
        lock (_gate)
            _effect = effect;
        return this;
    }

    internal enum EffectKind
    {
        None,
        Delay,
        Fail,
        Deny,
        Lose,
        CrashBefore,
        CrashAfter,
    }

    internal readonly record struct Effect(EffectKind Kind, ShardError Error = ShardError.None, Action? Action = null);
}

/// <summary>A fault of lock calls, asked for or queried.</summary>
public sealed class LockFault : Fault
{
    internal LockFault(Func<ShardOperationInfo, bool> matches) : base(matches) { }

    /// <inheritdoc cref="Fault.After"/>
    public new LockFault After(int calls) => (LockFault)base.After(calls);

    /// <inheritdoc cref="Fault.Times"/>
    public new LockFault Times(int calls) => (LockFault)base.Times(calls);

    /// <inheritdoc cref="Fault.Once"/>
    public new LockFault Once() => (LockFault)base.Once();

    /// <summary>The answer is <see cref="LockStatus.Denied"/>, as if somebody else held it.</summary>
    public LockFault Deny() => (LockFault)Do(new Effect(EffectKind.Deny));

    /// <summary>The answer is <see cref="LockStatus.Granted"/>, and nothing is held, as after a fail-over that nobody was told of.</summary>
    public LockFault Lose() => (LockFault)Do(new Effect(EffectKind.Lose));
}
