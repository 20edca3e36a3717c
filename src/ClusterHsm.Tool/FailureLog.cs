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

    public void Add(HsmException failure) => Add((int)failure.Error, failure.Message);

    /// <summary>A failure that was told and not thrown, in the same words.</summary>
    public void Add(HsmError error, string path, string cause, string remedy) => Add((int)error, $"{path}: {cause}. {remedy}.");

    /// <summary>A failure that has no number of its own.</summary>
    public void AddUnnamed(string message) => Add(ExitCodes.SeveralReasons, message);

    /// <summary>Says something that is no failure.</summary>
    public void Note(string message) => progress.WriteAbove($"clusterhsm: {Text.OneLine(message)}");

    private void Add(int code, string message)
    {
        lock (_gate)
            _exitCode = _exitCode is null || _exitCode == code ? code : ExitCodes.SeveralReasons;
        Note(message);
    }
}
