using System.Diagnostics;

namespace ClusterHsm.Torture;

/// <summary>Judges failures: what a fault may cause, what it may not, and when a process had better start anew.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Failing(RunFiles run)
{
    /// <summary>A client that lost its network may refuse its open handles for good; a new process has none.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private long _lastSuccess = Stopwatch.GetTimestamp();
    private int _failures;

    /// <summary>Whether nothing has worked for so long that the process is to be started anew.</summary>
    public bool IsHopeless => Volatile.Read(ref _failures) >= 20 && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSuccess)) > Patience;

    public void Succeed()
    {
        Volatile.Write(ref _failures, 0);
        Volatile.Write(ref _lastSuccess, Stopwatch.GetTimestamp());
    }

    /// <summary>Something failed.</summary>
    /// <returns>Why no fault excuses it, or null.</returns>
    public string? Fail(string what, Exception failure)
    {
        Interlocked.Increment(ref _failures);
        run.Tally.Add(Count.Refusals);
        run.History.Add($"{what}: {failure.GetType().Name}: {WordsOf(failure)}");
        return IsExcused(failure) ? null : $"{what}: {failure}";
    }

    public static string WordsOf(Exception failure) => (failure as HsmException)?.Cause ?? failure.Message;

    /// <summary>No fault of this program makes a record lie or an object vanish; and all else is to come as an <see cref="HsmException"/>.</summary>
    public static bool IsExcused(Exception failure) => failure is HsmException
        and not DigestMismatchException and not ObjectMissingException and not ForeignDataException and not InvalidRecordException;
}
