using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Ci;

/// <summary>When <c>.ci/native-aot</c> says that a machine cannot, with stand-ins for the compiler, the SDK and what that makes.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class NativeAotScriptTests
{
    private const int Cannot = 77;

    private ScriptStage _stage = null!;

    [SetUp]
    public void MakeTree()
    {
        _stage = new ScriptStage(".ci/native-aot", "basename", "bash", "cat", "chmod", "date", "dirname", "grep", "mkdir", "mktemp", "rm", "sed", "sh", "sort", "stat", "tail");
        _stage.Write("bin/uname", "echo Linux x86_64");
        _stage.Write("bin/id", "echo 0");
        _stage.Write("bin/gcc", "exit 0");
        _stage.Write("tree/tests/platforms/commands", "exit 0");
        WriteDotnet(packsOfTool: "exit 0", packsOfWorker: "exit 0");
    }

    [TearDown]
    public void RemoveTree() => _stage?.Dispose();

    [TestCase("echo 1000", null, "only root can install one (Debian packages 'gcc' and 'libc6-dev')")]
    [TestCase("echo 0", null, "there is no apt-get to install one with")]
    [TestCase("echo 0", "echo 'E: no network'; exit 100", "apt-get could not install one: E: no network")]
    public async Task Without_a_linker_nothing_is_tried(string id, string? aptGet, string why)
    {
        _stage.Write("bin/gcc", "exit 1"); // it is there and cannot link, as without the C library's package
        _stage.Write("bin/id", id);
        if (aptGet is not null)
            _stage.Write("bin/apt-get", aptGet);

        (int status, string[] lines) = await _stage.RunAsync();

        lines[^1].Should().Be($"NativeAOT not tried: its linker is clang or gcc, neither is here, and {why}");
        status.Should().Be(Cannot);
    }

    [Test]
    public async Task A_linker_is_installed_where_there_is_none()
    {
        File.Delete(_stage.PathOf("bin/gcc"));
        _stage.Write("bin/apt-get", $"""
            echo "$@" >> '{_stage.PathOf("asked")}'
            printf '#!/bin/sh\n' > '{_stage.PathOf("bin/gcc")}'
            chmod +x '{_stage.PathOf("bin/gcc")}'
            """);
        WriteDotnet(packsOfTool: "echo 'error NU1101: no package'; exit 1", packsOfWorker: "exit 0");

        (_, string[] lines) = await _stage.RunAsync();

        (await File.ReadAllTextAsync(_stage.PathOf("asked"))).Should().Be("install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 gcc libc6-dev\n");
        lines[^1].Should().Contain("ILCompiler", "it went on");
    }

    [TestCase("NU1101: Unable to find package", Cannot, "NativeAOT not tried: the packs of src/ClusterHsm.Tool (ILCompiler) were not to be had")]
    [TestCase("NU1301: Unable to load the service index", Cannot, "NativeAOT not tried: the packs of src/ClusterHsm.Tool (ILCompiler) were not to be had")]
    [TestCase("MSB4025: The project file could not be loaded", 1, "NativeAOT failed: restore of src/ClusterHsm.Tool")]
    public async Task A_restore_that_finds_no_pack_is_told_from_one_that_fails(string error, int status, string said)
    {
        WriteDotnet(packsOfTool: $"echo 'error {error}'; exit 1", packsOfWorker: "exit 0");

        (int end, string[] lines) = await _stage.RunAsync();

        (end, lines[^1]).Should().Be((status, said));
    }

    [Test]
    public async Task Without_the_packs_of_the_service_it_has_not_passed()
    {
        WriteDotnet(packsOfTool: "exit 0", packsOfWorker: "echo 'error NETSDK1112: no runtime pack'; exit 1");

        (int status, string[] lines) = await _stage.RunAsync();

        lines.Should().ContainMatch("published src/ClusterHsm.Tool: *");
        (status, lines[^1]).Should().Be((Cannot, "NativeAOT not tried: the packs of samples/Worker (the runtime of ASP.NET) were not to be had"));
    }

    /// <summary>Restores as it is told, and publishes programs that do nothing.</summary>
    private void WriteDotnet(string packsOfTool, string packsOfWorker) => _stage.Write("bin/dotnet", $"""
        if [ "$1" = restore ]; then
          case $2 in
            src/ClusterHsm.Tool) {packsOfTool} ;;
            *) {packsOfWorker} ;;
          esac
        fi
        project=$2
        for folder; do :; done
        mkdir -p "$folder"
        printf '#!/bin/sh\n' > "$folder/$(basename "$project")"
        chmod +x "$folder/$(basename "$project")"
        """);
}
