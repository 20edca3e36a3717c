using System.Diagnostics;
using System.Runtime.Versioning;
using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Tool;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>Two commands that find each other by files on the shard, as on two computers.</summary>
[SupportedOSPlatform("linux")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)] // most of the time is waiting for processes
public sealed class DoctorPairingTests : ScenarioFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly List<Process> _started = [];

    [TearDown]
    public void EndProcesses()
    {
        foreach (Process process in _started)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
        _started.Clear();
    }

    [Test]
    public async Task Each_may_be_started_first_and_both_end_with_the_examination_and_leave_nothing([Values] bool listenerFirst)
    {
        string listens = listenerFirst ? "--listen" : "--connect", connects = listenerFirst ? "--connect" : "--listen";
        Process first = Start(Shard.Root, listens);
        if (listenerFirst)
            await IsListeningAsync();
        Process second = Start(Shard.Root, connects);

        (ToolResult one, ToolResult two) = (await FinishAsync(first), await FinishAsync(second));

        (ToolResult doctor, ToolResult listener) = listenerFirst ? (two, one) : (one, two);
        doctor.End.Should().Be((0, ""), doctor.Output);
        doctor.Output.Should().Contain("holds           locks.killed").And.Contain("Relaxed possible");
        listener.ExitCode.Should().Be(0, listener.Errors);
        LeftOver().Should().BeEmpty();
    }

    [Test]
    public async Task A_folder_that_is_no_shard_yet_is_examined_too()
    {
        string plain = Directory.CreateDirectory(Shard.Root + "-plain").FullName;
        Process listener = Start(plain, "--listen");

        ToolResult doctor = await FinishAsync(Start(plain, "--connect"));

        doctor.End.Should().Be((0, ""), doctor.Output);
        (await FinishAsync(listener)).ExitCode.Should().Be(0);
        Directory.EnumerateFileSystemEntries(plain).Should().BeEmpty();
    }

    [Test]
    public async Task Without_a_listener_it_says_what_to_start()
    {
        ToolResult doctor = await FinishAsync(Start(Shard.Root, "--connect", "--timeout", "1"));

        doctor.ExitCode.Should().Be((int)HsmError.FileSystem);
        doctor.Errors.Should().Contain($"clusterhsm doctor {Shard.Root} --listen");
    }

    [Test]
    public async Task Files_that_a_killed_listener_has_left_are_in_nobodys_way()
    {
        Process killed = Start(Shard.Root, "--listen");
        await IsListeningAsync();
        killed.Kill(entireProcessTree: true);
        await killed.WaitForExitAsync();
        LeftOver().Should().NotBeEmpty();
        Process doctor = Start(Shard.Root, "--connect");

        Process listener = Start(Shard.Root, "--listen");

        (await FinishAsync(doctor)).End.Should().Be((0, ""));
        (await FinishAsync(listener)).ExitCode.Should().Be(0);
        LeftOver().Should().BeEmpty();
    }

    [Test]
    public async Task A_second_listener_is_refused_and_the_first_stays()
    {
        Process first = Start(Shard.Root, "--listen");
        await IsListeningAsync();

        ToolResult second = await FinishAsync(Start(Shard.Root, "--listen"));

        second.ExitCode.Should().Be((int)HsmError.Busy);
        second.Errors.Should().Contain("another 'clusterhsm doctor --listen'");
        (await FinishAsync(Start(Shard.Root, "--connect"))).ExitCode.Should().Be(0);
        (await FinishAsync(first)).ExitCode.Should().Be(0);
    }

    [Test]
    public async Task Ctrl_C_ends_a_listener_and_removes_its_files()
    {
        Process listener = Start(Shard.Root, "--listen");
        await IsListeningAsync();

        Syscall.kill(listener.Id, Signum.SIGINT).Should().Be(0);

        (await FinishAsync(listener)).ExitCode.Should().Be(130);
        LeftOver().Should().BeEmpty();
    }

    [Test]
    public async Task A_listener_that_is_killed_is_told_and_the_examination_ends()
    {
        Process listener = Start(Shard.Root, "--listen");
        Process doctor = Start(Shard.Root, "--connect", "--timeout", "3");
        Task<string> errors = doctor.StandardError.ReadToEndAsync();
        while (await doctor.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("locks.shared"))
                listener.Kill(entireProcessTree: true);
        }
        await doctor.WaitForExitAsync().WaitAsync(Patience);

        doctor.ExitCode.Should().Be((int)HsmError.FileSystem);
        (await errors).Should().Contain("did not answer within 3 s");
    }

    [Test]
    public async Task A_listener_obeys_nobody_who_has_replaced_its_file()
    {
        Process listener = Start(Shard.Root, "--listen");
        await IsListeningAsync();
        string asks = LeftOver().Single(static path => path.EndsWith("-asks"));
        string mine = asks + "-mine";
        await File.WriteAllTextAsync(mine, "");

        File.Move(mine, asks, overwrite: true);

        ToolResult result = await FinishAsync(listener);
        result.ExitCode.Should().NotBe(0);
        result.Errors.Should().Contain("has been replaced");
    }

    [TestCase("--listen", "--connect")]
    [TestCase("--listen", "--peer", "/")]
    [TestCase("--via", "sh", "--connect")]
    public async Task Ways_that_exclude_each_other_are_refused(params string[] options)
    {
        ToolResult result = await ToolProcess.RunAsync(["doctor", Shard.Root, .. options]);

        result.ExitCode.Should().Be(2);
        result.Errors.Should().Contain("does not go with");
    }

    [Test]
    public void A_letter_that_is_not_whole_is_none()
    {
        using InMemoryNode shard = new InMemoryCluster().AddNode("node");
        using IShardFile file = shard.Open("letter", ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        PairingLetter letter = new(Guid.NewGuid(), 7, PairingVerb.Ask, 2, "{\"a b\": \"é\"}"), shorter = letter with { Number = 8, Text = "" };

        PairingLetter.Look(shard, "letter").Should().BeNull();
        letter.Put(shard, "letter");
        PairingLetter.Look(shard, "letter").Should().Be(letter);
        file.Write("\0"u8, 70);
        PairingLetter.Look(shard, "letter").Should().BeNull();
        shorter.Put(shard, "letter");
        PairingLetter.Look(shard, "letter").Should().Be(shorter);
        file.SetLength(60);
        PairingLetter.Look(shard, "letter").Should().BeNull();
    }

    private IEnumerable<string> LeftOver() => Directory.EnumerateFileSystemEntries(Path.Combine(Shard.Root, ControlFolder.Name), "doctor-*");

    private async Task IsListeningAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (!LeftOver().Any(static path => path.EndsWith("-asks")))
            await Task.Delay(10, patience.Token);
    }

    private Process Start(params string[] arguments)
    {
        Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "doctor", .. arguments]);
        _started.Add(process);
        return process;
    }

    private static async Task<ToolResult> FinishAsync(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new ToolResult(process.ExitCode, await output, await errors);
    }
}
