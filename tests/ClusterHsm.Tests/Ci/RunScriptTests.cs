using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Ci;

/// <summary>What <c>.ci/run</c> says in the end, with stand-ins for all that it starts: nobody may take for passed what was not tried.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class RunScriptTests
{
    private const string Done = "exit 0", Root = "echo 0", SomebodyElse = "echo 1000";

    /// <summary>What is started beside the tests and after them, as the summary names it.</summary>
    private static readonly string[] Later =
    [
        "dotnet build ClusterHsm.sln -c Release -v quiet",
        "dotnet run --project samples/ClusterDemo -c Release --no-build",
        "dotnet run --project tests/ClusterHsm.Endurance -c Release --no-build -- 20",
        "tests/ClusterHsm.Torture/on-ext4 120",
        "tests/cluster/torture-gluster 120",
    ];

    private ScriptStage _stage = null!;

    [SetUp]
    public void MakeTree()
    {
        _stage = new ScriptStage(".ci/run", "awk", "bash", "cat", "cp", "dirname", "grep", "mkdir", "mktemp", "nice", "rm", "sed", "sh", "sort", "tail", "uniq");
        foreach (string script in (string[])["docs/protocol/check", ".ci/native-aot", "tests/windows/wine", "tests/ClusterHsm.Torture/on-ext4", "tests/cluster/torture-gluster"])
            _stage.Write($"tree/{script}", Done);
        _stage.Write("bin/id", Root);
        _stage.Write("bin/apt-get", $"echo \"$@\" >> '{_stage.PathOf("asked")}'");
        WriteTests(passed: 2, failed: 0);
    }

    [TearDown]
    public void RemoveTree() => _stage?.Dispose();

    [Test]
    public async Task What_passed_is_counted_and_nothing_more_is_said()
    {
        (int status, string[] last) = await RunAsync();

        last.Should().Equal("10 passed, 0 failed");
        status.Should().Be(0);
    }

    [Test]
    public async Task What_was_not_tried_is_named_with_its_reason_before_the_last_line()
    {
        _stage.Write("tree/.ci/native-aot", "echo published; echo 'NativeAOT not tried: no linker'; exit 77");
        _stage.Write("tree/tests/cluster/torture-gluster", "echo 'Starting GlusterFS needs root.'; exit 77");
        WriteTests(passed: 2, failed: 0, Ignored("no &quot;rsync&quot; &amp; no tar"), Ignored("needs root"), Ignored("needs root"), Ignored(null));

        (int status, string[] last) = await RunAsync();

        last.Should().Equal(
            "not tried: 2 tests: needs root",
            "not tried: 1 test: no \"rsync\" & no tar",
            "not tried: 1 test: no reason was given",
            "not tried: .ci/native-aot: NativeAOT not tried: no linker",
            "not tried: tests/cluster/torture-gluster 120: Starting GlusterFS needs root.",
            "8 passed, 0 failed");
        status.Should().Be(0);
    }

    [Test]
    public async Task What_is_left_out_after_a_failure_is_named()
    {
        WriteTests(passed: 2, failed: 1);

        (int status, string[] last) = await RunAsync();

        last.Should().Equal(
        [
            .. Later.Select(what => $"not tried: {string.Format(null, what, _stage.Folder)}: what came before it failed"),
            "5 passed, 1 failed",
        ]);
        status.Should().Be(1);
    }

    [Test]
    public async Task What_fails_beside_the_tests_fails_the_whole()
    {
        _stage.Write("tree/docs/protocol/check", "echo 'stale read EXPECTED: holds'; exit 1");

        (int status, string[] last) = await RunAsync();

        last[^1].Should().Be("4 passed, 1 failed");
        status.Should().Be(1);
    }

    [Test]
    public async Task Root_has_what_tests_take_installed()
    {
        await RunAsync();

        (await File.ReadAllLinesAsync(_stage.PathOf("asked"))).Should().HaveCount(2).And.ContainInOrder("update",
            "install -y --no-install-recommends -o DPkg::Lock::Timeout=300 xfsprogs btrfs-progs rsync attr");
    }

    [TestCase(SomebodyElse, Done, "only root can install them")]
    [TestCase(Root, "echo 'E: no network'; exit 100", "apt-get could not install them: E: no network")]
    [TestCase(Root, null, "there is no apt-get to install them with")]
    public async Task What_cannot_be_installed_is_said(string id, string? aptGet, string why)
    {
        _stage.Write("bin/id", id);
        if (aptGet is null)
            File.Delete(_stage.PathOf("bin/apt-get"));
        else
            _stage.Write("bin/apt-get", aptGet);

        (_, string[] last) = await RunAsync();

        last.Should().Equal($"not tried: tests that take xfsprogs btrfs-progs rsync attr: {why}", "10 passed, 0 failed");
    }

    private static string Ignored(string? why) => why is null ? """    <UnitTestResult testName="T" outcome="NotExecuted" />""" : $"""
            <UnitTestResult testName="T" outcome="NotExecuted">
              <Output>
                <StdOut>other words</StdOut>
                <ErrorInfo>
                  <Message>{why}</Message>
                </ErrorInfo>
              </Output>
            </UnitTestResult>
        """;

    /// <summary>A <c>dotnet</c> that leaves the results of tests, and does nothing else.</summary>
    private void WriteTests(int passed, int failed, params string[] results)
    {
        File.WriteAllText(_stage.PathOf("results"), $"""
            <TestRun>
              <Results>
                <UnitTestResult testName="Fails" outcome="Failed">
                  <Output>
                    <ErrorInfo>
                      <Message>failed, which is not the same</Message>
                    </ErrorInfo>
                  </Output>
                </UnitTestResult>
                <UnitTestResult testName="Passes" outcome="Passed" />
            {string.Join('\n', results)}
              </Results>
              <Counters total="9" passed="{passed}" failed="{failed}" />
            </TestRun>

            """);
        _stage.Write("bin/dotnet", $"[ \"$1\" = test ] || exit 0\nfor folder; do :; done\ncp '{_stage.PathOf("results")}' \"$folder/results.trx\"\nexit {(failed > 0 ? 1 : 0)}");
    }

    /// <returns>The exit status; and the last lines, from the first of those that say what was not tried.</returns>
    private async Task<(int Status, string[] Last)> RunAsync()
    {
        (int status, string[] lines) = await _stage.RunAsync();
        return (status, [.. lines.SkipWhile(line => line != lines[^1] && !line.StartsWith("not tried: ", StringComparison.Ordinal))]);
    }
}
