namespace ClusterHsm.Tool;

/// <summary>Exit codes without a named failure; those with one are the numbers of <see cref="HsmError"/>.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int SeveralReasons = 1;
    public const int WrongUsage = 2;

    /// <summary>What a shell reports of a program that Ctrl-C ended: 128 and the number of SIGINT.</summary>
    public const int Cancelled = 130;

    /// <summary>What a shell reports of a program that wrote to a closed pipe: 128 and the number of SIGPIPE.</summary>
    public const int ClosedOutput = 141;
}
