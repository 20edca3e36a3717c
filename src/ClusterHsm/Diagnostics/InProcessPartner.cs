using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>A partner in this process: the doctor's own side, and in tests the other one on a second node in memory.</summary>
internal sealed class InProcessPartner(IShardFileSystem shard, Action? kill = null) : IDoctorPartner
{
    private readonly PartnerSession _session = new(shard);

    public ValueTask<string> AskAsync(string request, CancellationToken cancellationToken) => ValueTask.FromResult(_session.Answer(request));

    public ValueTask KillAsync(CancellationToken cancellationToken)
    {
        kill?.Invoke();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        return ValueTask.CompletedTask;
    }
}
