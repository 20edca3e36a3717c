using ClusterHsm.Migration;

namespace ClusterHsm.Tests.Volume;

/// <summary>Migrations that a test takes for granted.</summary>
internal static class Releasing
{
    /// <inheritdoc cref="MakeStubsAsync"/>
    public static Task MakeStubAsync(this HsmVolume migrator, string path, MigrationOptions? options = null) => migrator.MakeStubsAsync([path], options);

    /// <summary>
    /// Makes files stubs. A busy machine may hold the migrator up for longer than the short lease of these tests; then it releases
    /// nothing and says so, and is asked again.
    /// </summary>
    public static async Task MakeStubsAsync(this HsmVolume migrator, string[] paths, MigrationOptions? options = null)
    {
        Reasons reasons = new();
        do
        {
            reasons.Others.Clear();
            reasons.IsLost = false;
            await migrator.MigrateAsync(paths, (options ?? LocalShard.AtOnce) with { Progress = reasons });
        }
        while (reasons.IsLost);
        if (paths.FirstOrDefault(path => !migrator.GetStatus(path).IsStub) is { } kept)
            throw new InvalidOperationException($"'{kept}' was not released: {string.Join("; ", reasons.Others)}");
    }

    /// <summary>
    /// Releases an archived file once. Others may recall it at once, so its state afterwards says nothing.
    /// </summary>
    /// <param name="migrator">Who does it.</param>
    /// <param name="path">The file.</param>
    /// <param name="letGo">Has readers give the file's lock back: a busy machine may have made them strict, and then they hold it.</param>
    public static async Task ReleaseOnceAsync(this HsmVolume migrator, string path, Func<Task> letGo)
    {
        while (true)
        {
            Reasons reasons = new();
            MigrationSummary summary = await migrator.ReleaseAsync([path], LocalShard.AtOnce with { Progress = reasons });
            if (summary.Released == 1)
                return;
            if (reasons.Others is [{ } only] && only.Contains("a node holds its lock"))
                await letGo();
            else if (!reasons.IsLost)
                throw new InvalidOperationException($"It was not released: {string.Join("; ", reasons.Others)}");
        }
    }

    private sealed class Reasons : IProgress<FileOutcome>
    {
        public bool IsLost { get; set; }

        public List<string> Others { get; } = [];

        public void Report(FileOutcome value)
        {
            if (value.Reason?.Contains("handover was lost") == true)
                IsLost = true;
            else if (value.Reason is { } reason)
                Others.Add($"{value.Path}: {reason}");
        }
    }
}
