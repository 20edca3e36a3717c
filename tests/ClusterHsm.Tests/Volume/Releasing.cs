using ClusterHsm.Migration;

namespace ClusterHsm.Tests.Volume;

/// <summary>Migrations that a test takes for granted.</summary>
internal static class Releasing
{
    /// <summary>
    /// Makes a file a stub. A busy machine may hold the migrator up for longer than the short lease of these tests; then it releases
    /// nothing and says so, and is asked again.
    /// </summary>
    public static async Task MakeStubAsync(this HsmVolume migrator, string path, MigrationOptions? options = null)
    {
        LastReason last = new();
        do
        {
            last.Text = null;
            await migrator.MigrateAsync([path], (options ?? LocalShard.AtOnce) with { Progress = last });
        }
        while (last.Text?.Contains("handover was lost") == true);
        if (!migrator.GetStatus(path).IsStub)
            throw new InvalidOperationException($"'{path}' was not released: {last.Text}");
    }

    private sealed class LastReason : IProgress<FileOutcome>
    {
        public string? Text { get; set; }

        public void Report(FileOutcome value) => Text = value.Reason;
    }
}
