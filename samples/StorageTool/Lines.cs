using ClusterHsm.Migration;

namespace ClusterHsm.StorageTool;

/// <summary>Progress: a line for each file that is done. The library calls it once at a time, in the order in which files are done.</summary>
internal sealed class Lines : IProgress<FileOutcome>
{
    private long _freed;

    public void Report(FileOutcome value)
    {
        if (value.Action == FileAction.Released)
            _freed += value.Bytes;
        string reason = value.Reason is { } why ? $": {why}" : "";
        Console.WriteLine($"{value.Action} {value.Path}{reason} ({_freed} bytes freed)");
    }
}
