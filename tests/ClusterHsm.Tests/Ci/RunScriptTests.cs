using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Ci;

/// <summary>What <c>.ci/run</c> says in the end, with stand-ins for all that it starts: nobody may take for passed what was not tried.</summary>
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RunScriptTests
{
    private const string Done = "exit 0", Root = "echo 0", SomebodyElse = "echo 1000";

    private static readonly string[] Tools = ["awk", "bash", "cat", "cp", "dirname", "grep", "mktemp", "nice", "rm", "sed", "sh", "sort", "tail", "uniq"];

    /// <summary>What is started beside the tests and after them, as the summary names it.</summary>
    private static readonly string[] Later =
    [
        "dotnet build ClusterHsm.sln -c Release -v quiet",
        "dotnet run --project samples/ClusterDemo -c Release",
        "dotnet run --project tests/ClusterHsm.Endurance -c Release -- 20",
        "dotnet run --project tests/ClusterHsm.Torture -c Release -- --root {0}/clusterhsm-torture --seconds 120",
        "tests/cluster/torture-gluster 120",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;

    [SetUp]
    public void MakeTree()
    {
        if (SourceTree.Root is null)
            Assert.Ignore($"The script is in the source tree, and {AppContext.BaseDirectory} is not in one.");
        Directory.CreateDirectory(PathOf("bin"));
        foreach (string tool in Tools)
            File.CreateSymbolicLink(PathOf($"bin/{tool}"), Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, tool)).First(File.Exists));
        Directory.CreateDirectory(PathOf("tree/.ci"));
        File.Copy(SourceTree.PathOf(".ci/run"), PathOf("tree/.ci/run"));
        foreach (string script in (string[])["docs/protocol/check", ".ci/native-aot", "tests/windows/wine", "tests/cluster/torture-gluster"])
            Write($"tree/{script}", Done);
        Write("bin/id", Root);
        Write("bin/apt-get", $"echo \"$@\" >> '{PathOf("asked")}'");
        WriteTests(passed: 2, failed: 0);
    }

    [TearDown]
    public void RemoveTree() => Directory.Delete(_folder, recursive: true);

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
        Write("tree/.ci/native-aot", "echo published; echo 'NativeAOT not tried: no linker'; exit 77");
        Write("tree/tests/cluster/torture-gluster", "echo 'Starting GlusterFS needs root.'; exit 77");
        WriteTests(passed: 2, failed: 0, Ignored("no &quot;rsync&quot; &amp; no tar"), Ignored("needs root"), Ignored("needs root"), Ignored(null));

        (int status, string[] last) = await RunAsync();

        last.Should().Equal(
            "not tried: 1 test: no \"rsync\" & no tar",
            "not tried: 1 test: no reason was given",
            "not tried: 2 tests: needs root",
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
            .. Later.Select(what => $"not tried: {string.Format(null, what, _folder)}: what came before it failed"),
            "5 passed, 1 failed",
        ]);
        status.Should().Be(1);
    }

    [Test]
    public async Task What_fails_beside_the_tests_fails_the_whole()
    {
        Write("tree/docs/protocol/check", "echo 'stale read EXPECTED: holds'; exit 1");

        (int status, string[] last) = await RunAsync();

        last[^1].Should().Be("4 passed, 1 failed");
        status.Should().Be(1);
    }

    [Test]
    public async Task Root_has_what_tests_take_installed()
    {
        await RunAsync();

        (await File.ReadAllLinesAsync(PathOf("asked"))).Should().HaveCount(2).And.ContainInOrder("update",
            "install -y --no-install-recommends -o DPkg::Lock::Timeout=300 xfsprogs btrfs-progs rsync attr");
    }

    [TestCase(SomebodyElse, Done, "only root can install them")]
    [TestCase(Root, "echo 'E: no network'; exit 100", "apt-get could not install them: E: no network")]
    [TestCase(Root, null, "there is no apt-get to install them with")]
    public async Task What_cannot_be_installed_is_said(string id, string? aptGet, string why)
    {
        Write("bin/id", id);
        if (aptGet is null)
            File.Delete(PathOf("bin/apt-get"));
        else
            Write("bin/apt-get", aptGet);

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

    private string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>A <c>dotnet</c> that leaves the results of tests, and does nothing else.</summary>
    private void WriteTests(int passed, int failed, params string[] results)
    {
        File.WriteAllText(PathOf("results"), $"""
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
        Write("bin/dotnet", $"[ \"$1\" = test ] || exit 0\nfor folder; do :; done\ncp '{PathOf("results")}' \"$folder/results.trx\"\nexit {(failed > 0 ? 1 : 0)}");
    }

    private void Write(string name, string script)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    /// <returns>The exit status; and the last lines, from the first of those that say what was not tried.</returns>
    private async Task<(int Status, string[] Last)> RunAsync()
    {
        ProcessStartInfo start = new("bash", [PathOf("tree/.ci/run")]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = PathOf("bin");
        start.Environment["TMPDIR"] = _folder;
        using Process run = Process.Start(start)!;
        string[] lines = (await run.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await run.WaitForExitAsync();
        return (run.ExitCode, [.. lines.SkipWhile(line => line != lines[^1] && !line.StartsWith("not tried: ", StringComparison.Ordinal))]);
    }
}
