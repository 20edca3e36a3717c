namespace ClusterHsm.ClusterDemo;

/// <summary>The four processes.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const int NodeCount = 3;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    public Cluster(Workspace workspace, Action<string> note)
    {
        Nodes = [.. Enumerable.Range(1, NodeCount)
            .Select(number => Child.Start($"node {number}", note, NodeProcess.Role, $"{number}", workspace.Folder))];
        Migrator = Child.Start("migrator", note, MigratorProcess.Role, workspace.Folder);
    }

    public IReadOnlyList<Child> Nodes { get; }

    public Child Migrator { get; }

    public IEnumerable<Child> Children => Nodes.Append(Migrator);

    public long Mismatches => Nodes.Sum(node => node.Latest.Number("mismatches"));

    public long Errors => Nodes.Sum(node => node.Latest.Number("errors"));

    public bool IsEveryNodeRelaxed =>
        Nodes.Where(node => node.State == ChildState.Running).All(node => node.Latest["mode"] == "relaxed");

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="InvalidOperationException">A child has ended that was to live.</exception>
    /// <exception cref="TimeoutException">It did not come to hold in time.</exception>
    public async Task WaitForAsync(string what, Func<bool> holds, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long begin = Environment.TickCount64;
        while (!holds())
        {
            if (Children.FirstOrDefault(child => child.HasFailed) is { } failed)
                throw new InvalidOperationException($"{failed.Name} ended unexpectedly");
            if (Environment.TickCount64 - begin > timeout.TotalMilliseconds)
                throw new TimeoutException($"not within {timeout.TotalSeconds:0} s: {what}");
            await Task.Delay(s_look, cancellationToken);
        }
    }

    /// <summary>Ends all; the nodes first, so that the migrator's figures are the last word.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (Child child in Children)
            await child.EndAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in Children)
            await child.DisposeAsync();
    }
}
