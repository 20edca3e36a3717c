using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Two nodes of a shard in memory, one for the doctor and one for its partner, with answers that a test can falsify.</summary>
internal sealed class DoctorBed
{
    private readonly InMemoryNodeOptions? _there;

    public DoctorBed(InMemoryClusterOptions? options = null, InMemoryNodeOptions? here = null, InMemoryNodeOptions? there = null)
    {
        Cluster = new InMemoryCluster(options ?? new InMemoryClusterOptions { TimestampGranularity = TimeSpan.FromMilliseconds(10) });
        Here = Cluster.AddNode("here", here);
        _there = there;
    }

    public InMemoryCluster Cluster { get; }

    public InMemoryNode Here { get; }

    /// <summary>Falsifies an answer of this side.</summary>
    public Func<PartnerRequest, PartnerAnswer, PartnerAnswer> AlterHere { get; set; } = static (_, answer) => answer;

    /// <summary>Falsifies an answer of the partner.</summary>
    public Func<PartnerRequest, PartnerAnswer, PartnerAnswer> AlterThere { get; set; } = static (_, answer) => answer;

    /// <summary>What a kill does to the partner's node.</summary>
    public Action<InMemoryNode> Kill { get; set; } = static node => node.Crash();

    /// <summary>What is ordered for a partner's node when it starts.</summary>
    public Action<InMemoryNode> OrderThere { get; set; } = static _ => { };

    /// <summary>The partners; by default nodes of the same cluster.</summary>
    public Func<CancellationToken, ValueTask<IDoctorPartner>>? Start { get; set; }

    public bool HasAnotherMount { get; set; }

    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public List<DoctorFinding> Reported { get; } = [];

    public Action<string> RemoveDirectory { get; set; } = static _ => { };

    /// <summary>Makes the directory a shard.</summary>
    public ShardDescriptor Initialize(ShardDescriptor descriptor)
    {
        ShardDescriptor.Initialize(Cluster.AddNode("init"), descriptor);
        return descriptor;
    }

    public Task<DoctorReport> ExamineAsync(CancellationToken cancellation = default) => ShardDoctor.ExamineAsync(Here, new DoctorOptions
    {
        Partner = null,
        StartPartner = token => Start?.Invoke(token) ?? ValueTask.FromResult(NewPartner()),
        PartnerHasAnotherMount = HasAnotherMount,
        AnswerTimeout = AnswerTimeout,
        Progress = new Collector(Reported),
        Pause = (span, token) =>
        {
            token.ThrowIfCancellationRequested();
            Cluster.Advance(span);
            return Task.CompletedTask;
        },
        RemoveDirectory = path => RemoveDirectory(path),
    }, cancellation, new FalsePartner(new InProcessPartner(Here), (request, answer) => AlterHere(request, answer)));

    public async Task<DoctorFinding> FindAsync(string id) => (await ExamineAsync()).Findings.Single(finding => finding.Id == id);

    /// <summary>A finding that must not hold, say what follows, and come to a mode.</summary>
    public async Task<DoctorReport> ExpectFaultAsync(string id, SafeMode mode)
    {
        DoctorReport report = await ExamineAsync();
        DoctorFinding finding = report.Findings.Single(finding => finding.Id == id);
        finding.Verdict.Should().Be(DoctorVerdict.DoesNotHold, finding.Seen);
        finding.Follows.Should().NotBeEmpty();
        report.Mode.Should().Be(mode, report.Conclusion);
        report.Failures.Any(failure => failure.Message.Contains(id)).Should().Be(finding.Need != DoctorNeed.Nothing);
        return report;
    }

    /// <summary>Files that are left in folders of the doctor.</summary>
    public IReadOnlyList<string> LeftFiles(string parent) => [.. Here.ReadDirectory(parent).Where(static entry => entry.Name.Contains("doctor-"))
        .SelectMany(entry => Here.ReadDirectory(ShardPath.Combine(parent, entry.Name))).Select(static entry => entry.Name)];

    public IDoctorPartner NewPartner()
    {
        InMemoryNode node = Cluster.AddNode($"there{Cluster.Nodes.Count}", _there);
        OrderThere(node);
        return new FalsePartner(new InProcessPartner(node, () => Kill(node)), (request, answer) => AlterThere(request, answer));
    }

    private sealed class FalsePartner(IDoctorPartner inner, Func<PartnerRequest, PartnerAnswer, PartnerAnswer> alter) : IDoctorPartner
    {
        public async ValueTask<string> AskAsync(string request, CancellationToken cancellationToken) =>
            PartnerJson.Write(alter(PartnerJson.ReadRequest(request), PartnerJson.ReadAnswer(await inner.AskAsync(request, cancellationToken))));

        public ValueTask KillAsync(CancellationToken cancellationToken) => inner.KillAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Collector(List<DoctorFinding> findings) : IProgress<DoctorFinding>
    {
        public void Report(DoctorFinding value) => findings.Add(value);
    }
}

/// <summary>A partner whose answers come from a function.</summary>
internal sealed class ScriptedPartner(Func<string, CancellationToken, Task<string>> ask) : IDoctorPartner
{
    public bool IsDisposed { get; private set; }

    public async ValueTask<string> AskAsync(string request, CancellationToken cancellationToken) => await ask(request, cancellationToken);

    public ValueTask KillAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
