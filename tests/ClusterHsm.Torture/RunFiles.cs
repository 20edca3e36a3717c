namespace ClusterHsm.Torture;

/// <summary>What all processes of a run share, in its private folder: not on the shard, so that no fault reaches it.</summary>
internal sealed class RunFiles(string work, int files, string who) : IDisposable
{
    public string Folder { get; } = work;

    public Ledger Ledger { get; } = new(Path.Combine(work, "ledger"), files);

    public History History { get; } = new(Path.Combine(work, "history"), who);

    public Tally Tally { get; } = new(Path.Combine(work, "tally"));

    public void Dispose()
    {
        Ledger.Dispose();
        History.Dispose();
        Tally.Dispose();
    }
}
