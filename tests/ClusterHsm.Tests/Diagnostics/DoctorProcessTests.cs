using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using ClusterHsm.Coordination;
using ClusterHsm.Tests.Tool;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>The real command with a real second process, on this machine's own file system.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)] // most of the time is waiting for processes
public sealed class DoctorProcessTests : ScenarioFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Test]
    public async Task A_local_shard_is_healthy_and_left_as_it_was()
    {
        (int code, string output, string errors) = await DoctorAsync(Shard.Root);

        (code, errors).Should().Be((0, ""), output);
        output.Should().Contain("holds           locks.killed").And.Contain("Relaxed possible").And.NotContain("does not hold");
        LeftOver().Should().BeEmpty();
    }

    [Test]
    public async Task Json_is_one_object_a_line_and_the_last_is_the_verdict()
    {
        (int code, string output, _) = await DoctorAsync(Shard.Root, "--json");

        code.Should().Be(0);
        JsonElement[] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
        lines[..^1].Should().OnlyContain(line => line.GetProperty("verdict").GetString() == "holds");
        lines[^1].GetProperty("mode").GetString().Should().Be("relaxedPossible");
        lines[^1].GetProperty("waitingRule").GetString().Should().Be("quiesceAndLease");
        lines[^1].GetProperty("signalRequests").EnumerateArray().Select(static request => request.GetString()).Should().Equal("lockAndUnlock", "query");
    }

    [Test]
    public async Task A_folder_that_is_no_shard_is_examined_and_left_empty()
    {
        string plain = Directory.CreateDirectory(Shard.Root + "-plain").FullName;

        (int code, string output, _) = await DoctorAsync(plain);

        code.Should().Be(0);
        output.Should().Contain("not a shard yet").And.Contain("Relaxed possible");
        Directory.EnumerateFileSystemEntries(plain).Should().BeEmpty();
    }

    [Test]
    public async Task A_folder_that_is_not_there_ends_with_the_code_for_that()
    {
        (int code, _, string errors) = await DoctorAsync(Shard.Root + "-gone");

        code.Should().Be((int)HsmError.NotFound);
        errors.Should().Contain("-gone");
    }

    [Test]
    public async Task A_store_that_is_gone_ends_with_the_code_for_that_and_the_file_system_is_judged_all_the_same()
    {
        Directory.Delete(Shard.StoreFolder, recursive: true);

        (int code, string output, string errors) = await DoctorAsync(Shard.Root);

        code.Should().Be((int)HsmError.StoreUnavailable);
        errors.Should().Contain("store.reachable");
        output.Should().Contain("Relaxed possible");
    }

    [Test]
    public async Task A_peer_that_is_another_folder_is_refused()
    {
        string other = Directory.CreateDirectory(Shard.Root + "-other").FullName;

        (int code, _, string errors) = await DoctorAsync(Shard.Root, "--peer", other);

        code.Should().Be((int)HsmError.NotAShard);
        errors.Should().Contain("not another mount");
        LeftOver().Should().BeEmpty();
    }

    [Test]
    public async Task A_bind_mount_is_the_same_volume_and_the_same_client()
    {
        string again = Shard.Root + "-again";
        using Mount mount = Mount.Bind(Shard.Root, again);

        (int code, string output, string errors) = await DoctorAsync(Shard.Root, "--peer", again);

        (code, errors).Should().Be((0, ""), output);
        output.Should().Contain($"at {again}, the same client of the file system as this process");
    }

    [Test]
    public async Task The_partner_is_started_by_a_command_that_leads_elsewhere()
    {
        (int code, string output, string errors) = await DoctorAsync(Shard.Root, "--via", $"env --chdir={Path.GetTempPath()} ");

        (code, errors).Should().Be((0, ""), output);
        output.Should().Contain("the same client of the file system as this process", "the command led to this computer");
    }

    [Test]
    public async Task A_command_that_does_not_lead_to_a_partner_is_named()
    {
        (int code, _, string errors) = await DoctorAsync(Shard.Root, "--via", "no-such-command there");

        code.Should().Be((int)HsmError.FileSystem);
        errors.Should().Contain("'no-such-command' cannot be started");
    }

    [Test]
    public async Task A_read_only_peer_is_named()
    {
        string again = Shard.Root + "-again";
        using Mount mount = Mount.ReadOnly(Shard.Root, again);

        (int code, string output, string errors) = await DoctorAsync(Shard.Root, "--peer", again);

        code.Should().Be((int)HsmError.ReadOnly, output);
        errors.Should().Contain("partner.writes");
    }

    [Test]
    public async Task A_partner_that_is_stopped_ends_the_wait_and_not_the_command()
    {
        using Process doctor = Start(Shard.Root, "--timeout", "10");
        Task<string> errors = doctor.StandardError.ReadToEndAsync();
        List<string> lines = [];
        int stopped = 0;
        while (await doctor.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (stopped == 0 && line.Contains("partner.started"))
            {
                stopped = int.Parse(line.Split("process ")[2].Split(' ')[0]);
                Syscall.kill(stopped, Signum.SIGSTOP).Should().Be(0);
            }
        }
        await doctor.WaitForExitAsync().WaitAsync(Patience);

        doctor.ExitCode.Should().Be((int)HsmError.FileSystem, string.Join('\n', lines));
        (await errors).Should().Contain("did not answer within 10 s");
        Directory.Exists($"/proc/{stopped}").Should().BeFalse("the partner is killed at the end");
        LeftOver().Should().BeEmpty();
    }

    [Test]
    public async Task Ctrl_C_removes_the_trial_files()
    {
        using Process doctor = Start(Shard.Root);
        Task<string> errors = doctor.StandardError.ReadToEndAsync();
        while (await doctor.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("locks.shared"))
                Syscall.kill(doctor.Id, Signum.SIGINT).Should().Be(0);
        }
        await doctor.WaitForExitAsync().WaitAsync(Patience);

        doctor.ExitCode.Should().Be(130, await errors);
        LeftOver().Should().BeEmpty();
    }

    private IEnumerable<string> LeftOver() => Directory.EnumerateDirectories(Path.Combine(Shard.Root, ControlFolder.Name), "doctor-*");

    private static async Task<(int Code, string Output, string Errors)> DoctorAsync(params string[] arguments)
    {
        ToolResult result = await ToolProcess.RunAsync(["doctor", .. arguments]);
        return (result.ExitCode, result.Output, result.Errors);
    }

    private static Process Start(params string[] arguments) => ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "doctor", .. arguments]);
}
