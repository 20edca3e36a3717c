using System.Text.RegularExpressions;
using ClusterHsm.Tests.Cluster;
using ClusterHsm.Tests.Packaging;
using ClusterHsm.Tests.Telemetry;
using ClusterHsm.Tests.Volume;

namespace ClusterHsm.Tests.Documentation;

/// <summary>What becomes of the commands that begin in one way.</summary>
/// <param name="Begin">How they begin.</param>
/// <param name="Test">The test that runs them as they are written, or tries what they are for; null if none does.</param>
/// <param name="Ci">The words of <c>.ci/run</c> that run them; null if it does not.</param>
/// <param name="WhyNot">Why neither does, or not all of them.</param>
internal sealed record CommandFate(string Begin, string? Test = null, string? Ci = null, string? WhyNot = null);

/// <summary>A command that a page names without showing what it prints: a line of an <c>sh</c> block, or code in a sentence.</summary>
internal sealed partial record DocumentedCommand(string Where, string Text)
{
    private const string Benchmark = "dotnet run --project benchmarks/ClusterHsm.Benchmarks -c Release";
    private const string Idle = "takes minutes on a computer that does nothing else; benchmarks/all runs them all";
    private const string Daemon = "needs the cluster file system's own server, run by root";
    private const string Known = "the system's own, named for what it does";

    /// <summary>All of them are played but for these: what this table does not know fails a test.</summary>
    public static readonly IReadOnlyList<CommandFate> Fates =
    [
        new("dotnet pack", Test: nameof(NewUserTests.What_the_README_says_of_installing_gives_a_project_the_package_and_the_user_the_command)),
        new("dotnet nuget add source", Test: nameof(NewUserTests.What_the_README_says_of_installing_gives_a_project_the_package_and_the_user_the_command)),
        new("dotnet add package", Test: nameof(NewUserTests.What_the_README_says_of_installing_gives_a_project_the_package_and_the_user_the_command)),
        new("dotnet tool install", Test: nameof(NewUserTests.What_the_README_says_of_installing_gives_a_project_the_package_and_the_user_the_command)),
        new("dotnet run --project src/ClusterHsm.Tool", Test: nameof(PageTests.The_command_runs_from_the_tree_as_the_README_says)),

        new("dotnet run --project samples/ClusterDemo", Ci: "dotnet run --project samples/ClusterDemo -c Release"),
        new("dotnet run --project tests/ClusterHsm.Endurance", Ci: "dotnet run --project tests/ClusterHsm.Endurance -c Release --no-build -- 20", WhyNot: "300 is five minutes"),
        new("dotnet run --project tests/ClusterHsm.Torture", Ci: "tests/ClusterHsm.Torture/on-ext4 120", WhyNot: "an hour is an hour"),
        new("tests/ClusterHsm.Torture/on-ext4", Ci: "tests/ClusterHsm.Torture/on-ext4 120"),
        new("tests/cluster/torture-gluster", Ci: "tests/cluster/torture-gluster 120", WhyNot: "an hour is an hour; " + Daemon),
        new("dotnet test ClusterHsm.sln", Ci: "dotnet test ClusterHsm.sln -c Release"),
        new("dotnet test tests/", Ci: "dotnet test ClusterHsm.sln -c Release"),
        new("CLUSTERHSM_FUZZ_CASES=", Ci: "dotnet test ClusterHsm.sln -c Release", WhyNot: "a million cases take minutes; CI tries fewer"),
        new("dotnet publish tests/ClusterHsm.WindowsTests", Ci: "tests/windows/wine", WhyNot: "what it makes is for Windows; the script publishes the same"),
        new("docs/protocol/check", Ci: "docs/protocol/check", WhyNot: "--large takes hours"),
        new(".ci/native-aot", Ci: ".ci/native-aot"),
        new(".ci/run", Ci: "dotnet test"),
        new("tests/windows/wine", Ci: "tests/windows/wine"),

        new("tests/ClusterHsm.Torture/without-rules", WhyNot: "builds the library without one rule at a time and runs each for minutes"),
        new("tests/cluster/vm-lab", WhyNot: "boots two virtual machines that it makes of packages of the network, as root"),
        new("tests/cluster/ceph-lab", WhyNot: "installs and starts Ceph's servers, as root, and takes longer than CI has"),
        new("ceph-fuse --", WhyNot: Daemon),
        new("tests/cluster/gluster", Test: nameof(GlusterCacheTests.A_client_that_caches_serves_the_hole_under_the_lock_after_the_recall), WhyNot: Daemon),
        new("tests/platforms/arm64", WhyNot: "takes an emulator and an arm64 system from the network"),
        new("tests/platforms/musl", WhyNot: "takes the library from the network, and publishes the tests anew for it"),
        new("gluster volume set", WhyNot: Daemon),
        new("glusterfs --", WhyNot: Daemon),
        new("mount -t glusterfs", WhyNot: Daemon),

        new("benchmarks/", WhyNot: Idle),
        new(Benchmark, WhyNot: Idle),
        new("perf record", WhyNot: Known),

        new("dotnet format analyzers", WhyNot: "rewrites the sources"),
        new("dotnet-counters", Test: nameof(ObservabilityPageTests.The_page_names_the_meter_and_the_source_of_activities), WhyNot: "a tool that has to be installed from a registry"),
        new("tar --xattrs", Test: nameof(ScenariosOfStubsElsewhere.A_stub_that_is_copied_with_its_attribute_recalls)),
        new("rsync ", Test: nameof(ScenariosOfStubsElsewhere.A_stub_that_is_copied_with_its_attribute_recalls)),
        new("cp --preserve=xattr", Test: nameof(ScenariosOfStubsElsewhere.A_stub_that_is_copied_with_its_attribute_recalls)),
        new("chmod ", WhyNot: Known),
        new("fuser -v", WhyNot: Known),
        new("cp ", WhyNot: Known),
        new("find ", WhyNot: Known),
        new("stat ", WhyNot: Known),
        new("sync -f", WhyNot: Known),
    ];

    /// <summary>Of a page, those that are not <c>clusterhsm</c> itself.</summary>
    public static IEnumerable<DocumentedCommand> Of(Page page) =>
        [
            .. page.Blocks.Where(static block => block.Language is "sh" or "").SelectMany(Of),
            .. page.Spans.Select(Whole).Where(IsCommand).Select(span => new DocumentedCommand(page.Name, span)),
        ];

    /// <summary>One a line.</summary>
    public static IEnumerable<DocumentedCommand> Of(Block block) => block.Text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(line => new DocumentedCommand($"{block}", Comment().Replace(line, "")));

    /// <summary>What becomes of it: the longest beginning counts.</summary>
    public CommandFate? Fate => Fates.Where(fate => Text.StartsWith(fate.Begin, StringComparison.Ordinal)).MaxBy(static fate => fate.Begin.Length);

    public bool IsListed => Fate is not null;

    /// <summary>Its words, without the quotes.</summary>
    public string[] Words => WordsOf(Text);

    public static string[] WordsOf(string command) => [.. Word().Matches(command).Select(static word => word.Value.Trim('\''))];

    public override string ToString() => $"{Where}: {Text}";

    /// <summary>The pages about measurements name a benchmark by what comes last.</summary>
    private static string Whole(string span) =>
        span.StartsWith("-- ", StringComparison.Ordinal) || span.StartsWith("--filter '*", StringComparison.Ordinal) ? $"{Benchmark} {span}" : span;

    /// <summary>Code in a sentence is a command if it begins with a program and goes on, or is a script of the tree.</summary>
    private static bool IsCommand(string span) => Program().IsMatch(span) || (Script().Match(span) is { Success: true } script && File.Exists(SourceTree.PathOf(script.Value))
        && !Path.HasExtension(script.Value));

    [GeneratedRegex(@"^(dotnet|dotnet-counters|gluster|glusterfs|mount|chmod|chgrp|chown|fuser|tar|rsync|cp|mv|rm|find|stat|sync|perf|curl|git|apt-get|setfattr|getfattr|systemctl|ssh) \S")]
    private static partial Regex Program();

    [GeneratedRegex(@"^(tests|benchmarks|docs|samples|src|\.ci)/[\w./-]+")]
    private static partial Regex Script();

    [GeneratedRegex("'[^']*'|[^ ]+")]
    private static partial Regex Word();

    [GeneratedRegex(" +#.*$")]
    private static partial Regex Comment();
}
