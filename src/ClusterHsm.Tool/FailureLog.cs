using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>Says each failure on standard error and knows the exit code that follows from all of them. Safe for several threads.</summary>
internal sealed class FailureLog(ProgressLine progress)
{
    private readonly Lock _gate = new();
    private int? _exitCode;

    /// <summary>0 for no failure, the failure's own number when all are of one kind, else 1.</summary>
    public int ExitCode
    {
        get
        {
            lock (_gate)
                return _exitCode ?? ExitCodes.Done;
        }
    }

    /// <param name="failure">The failure.</param>
    /// <param name="file">The user's file that it is of, which is named if the failure does not: one of the store names what is in the store.</param>
    public void Add(HsmException failure, string? file = null) => Add((int)failure.Error,
        file is null || failure.Message.Contains(file, StringComparison.Ordinal) ? failure.Message : $"{file}: {failure.Message}");

    /// <summary>A failure that has no number of its own.</summary>
    public void AddUnnamed(string message) => Add(ExitCodes.SeveralReasons, message);

    /// <summary>Says something that is no failure.</summary>
    public void Note(string message) => progress.WriteAbove($"clusterhsm: {Text.OneLine(message)}");

    /// <param name="code">The number of its kind.</param>
    /// <param name="message">All that is said of it.</param>
    public void Add(int code, string message)
    {
        lock (_gate)
            _exitCode = _exitCode is null || _exitCode == code ? code : ExitCodes.SeveralReasons;
        Note(message);
    }
}
