using ClusterHsm.Migration;

namespace ClusterHsm.Tests.Volume;

/// <summary>Keeps what a call reports of each file.</summary>
internal sealed class Outcomes : IProgress<FileOutcome>
{
    private readonly List<FileOutcome> _all = [];

    public MigrationOptions AtOnce => LocalShard.AtOnce with { Progress = this };

    public IReadOnlyList<FileOutcome> All => _all;

    public FileOutcome Last => _all[^1];

    public Action<FileOutcome>? WhenReported { get; set; }

    public void Report(FileOutcome value)
    {
        _all.Add(value);
        WhenReported?.Invoke(value);
    }
}
