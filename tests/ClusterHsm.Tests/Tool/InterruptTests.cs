using System.Diagnostics;
using System.Text.Json;
using ClusterHsm.Stubs;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Mono.Unix.Native;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>The command is cut off: by Ctrl-C, by SIGTERM, by the reader of its output.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class InterruptTests : ToolFixture
{
    private const int Files = 500;

    [TestCase(Signum.SIGINT, false)]
    [TestCase(Signum.SIGINT, true)]
    [TestCase(Signum.SIGTERM, false)]
    [TestCase(Signum.SIGTERM, true)]
    public async Task A_migration_that_is_cancelled_leaves_no_half_state_and_the_same_command_goes_on(Signum signal, bool whileReleasing)
    {
        var contents = new Dictionary<string, byte[]>();
        for (int file = 0; file < Files; file++)
            contents[$"d{file % 7}/f{file}"] = Shard.Write($"d{file % 7}/f{file}", 4096 + file);
        await using HsmVolume volume = await Shard.OpenAsync();
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "migrate", "-r", "--json", Shard.Root]);
        Task<ToolResult> ending = ToolProcess.FinishAsync(process);
        int pid = process.Id;
        while (!(whileReleasing ? volume.EnumerateStatus("").Any(file => file.IsStub) : volume.EnumerateStatus("").Any(file => file.State == FileState.Archived)))
        {
            ending.IsCompleted.Should().BeFalse("it is to be cut off in the middle");
            await Task.Delay(5);
        }

        Syscall.kill(pid, signal).Should().Be(0);
        ToolResult cut = await ending;

        cut.ExitCode.Should().Be(130, cut.Errors);
        cut.Errors.Should().EndWith("clusterhsm: cancelled; what was done stays done, and the same command goes on from there\n");
        JsonElement sum = cut.Objects[^1];
        sum.GetProperty("summary").GetString().Should().Be(Shard.Root, "what was done is told");
        foreach (string action in (string[])["archived", "released", "failed"])
            sum.GetProperty(action).GetInt64().Should().Be(cut.Objects[..^1].Count(line => line.GetProperty("action").GetString() == action), action);
        sum.GetProperty("handovers").ValueKind.Should().Be(JsonValueKind.Null, "nobody knows");
        volume.EnumerateStatus("").Should().HaveCount(Files).And.OnlyContain(file => file.Problem == null && file.State != FileState.Recalling && !file.HasStaleCopy);
        if (!whileReleasing) // else all may have had their marks, which are punched then
            volume.EnumerateStatus("").Should().Contain(file => !file.IsStub);
        foreach ((string name, byte[] bytes) in contents)
            (await volume.ReadAllAsync(name, StubAccess.ReadThrough)).Should().Equal(bytes, name);

        ToolResult again = await ToolProcess.RunAsync("migrate", "-r", Shard.Root);

        again.End.Should().Be(Done);
        again.Output.Should().Contain("released ").And.NotContain("failed");
        volume.EnumerateStatus("").Should().OnlyContain(file => file.State == FileState.Released);
        Shard.Objects().Should().HaveCount(Files, "a copy that was given up is taken away");
        foreach ((string name, byte[] bytes) in contents)
            (await volume.ReadAllAsync(name, StubAccess.ReadThrough)).Should().Equal(bytes, name);
    }

    [Test]
    public async Task A_recall_that_is_cancelled_leaves_no_half_state_and_the_same_command_goes_on()
    {
        var contents = new Dictionary<string, byte[]>();
        for (int file = 0; file < Files; file++)
            contents[$"d{file % 7}/f{file}"] = Shard.Write($"d{file % 7}/f{file}", 4096 + file);
        await using HsmVolume volume = await Shard.OpenAsync();
        await volume.MakeStubsAsync([.. contents.Keys]);
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "recall", "-r", Shard.Root]);
        int pid = process.Id;
        Task<ToolResult> ending = ToolProcess.FinishAsync(process);
        while (volume.EnumerateStatus("").All(file => file.State == FileState.Released))
        {
            ending.IsCompleted.Should().BeFalse("it is to be cut off in the middle");
            await Task.Delay(5);
        }

        Syscall.kill(pid, Signum.SIGINT).Should().Be(0);
        ToolResult cut = await ending;

        cut.ExitCode.Should().Be(130, cut.Errors);
        cut.Output.Should().MatchRegex("^(recalled [0-9]+ .*|nothing was done)\n$");
        volume.EnumerateStatus("").Should().HaveCount(Files).And.OnlyContain(file => file.Problem == null && file.State != FileState.Recalling)
            .And.Contain(file => file.IsStub);
        (await ToolProcess.RunAsync("recall", "-r", Shard.Root)).End.Should().Be(Done);
        volume.EnumerateStatus("").Should().OnlyContain(file => file.State == FileState.Archived);
        foreach ((string name, byte[] bytes) in contents)
            (await File.ReadAllBytesAsync(Shard.PathOf(name))).Should().Equal(bytes, name);
    }

    [Test]
    public async Task An_export_that_is_cancelled_ends_after_a_whole_line()
    {
        string[] names = [.. Enumerable.Range(0, Files).Select(file => $"{new string('f', 200)}{file}")];
        foreach (string name in names)
            Shard.Write(name, 10);
        await ArchiveAsync(names);
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "export", "-r", Shard.Root]);
        List<string> lines = [(await process.StandardOutput.ReadLineAsync())!];

        Syscall.kill(process.Id, Signum.SIGINT).Should().Be(0);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            lines.Add(line);
        await process.WaitForExitAsync();

        // It has more to say than fits into the pipe, but may have said it before the signal came through.
        (process.ExitCode == 130 || (process.ExitCode, lines.Count) == (0, Files)).Should().BeTrue("it ended with {0} after {1} lines", process.ExitCode, lines.Count);
        lines.Where(line => !StubExport.TryParse(line, out _, out _)).Should().BeEmpty();
    }

    [Test]
    public async Task A_sweep_that_is_cancelled_tells_what_it_deleted()
    {
        string[] names = [.. Enumerable.Range(0, Files).Select(file => $"{file}")];
        foreach (string name in names)
            Shard.Write(name, 10);
        await ArchiveAsync(names);
        foreach (string name in names)
            File.Delete(Shard.PathOf(name));
        (await ToolProcess.RunAsync("sweep", Shard.Root)).End.Should().Be(Done);
        Shard.LetOrphansAge(TimeSpan.FromDays(8));
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "sweep", Shard.Root]);
        await process.StandardOutput.ReadLineAsync();

        Syscall.kill(process.Id, Signum.SIGINT).Should().Be(0);
        ToolResult cut = await ToolProcess.FinishAsync(process);

        int deleted = Files - Shard.Objects().Count();
        cut.Lines[^1].Should().Contain($" orphans (").And.Contain($"deleted {deleted} (");
        // It may have been done before the signal came through.
        cut.End.Should().Be(deleted == Files ? cut.End : (130, "clusterhsm: cancelled; what was deleted stays deleted, and the same command begins again\n"));
    }

    [Test]
    public async Task Cat_that_is_cancelled_does_not_claim_to_go_on_from_there()
    {
        Shard.Write("f", 20_000_000);
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "cat", Shard.PathOf("f")]);
        await process.StandardOutput.BaseStream.ReadExactlyAsync(new byte[10]);

        Syscall.kill(process.Id, Signum.SIGINT).Should().Be(0);
        await Task.Delay(1000); // it waits for the pipe meanwhile
        ToolResult cut = await ToolProcess.FinishAsync(process);

        cut.End.Should().Be((130, "clusterhsm: cancelled; the output ends before the end of the file, and the same command begins again\n"));
    }

    [Test]
    public async Task A_doctor_that_is_cancelled_does_not_claim_to_go_on_from_there()
    {
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "doctor", Shard.Root]);
        await process.StandardOutput.ReadLineAsync();

        Syscall.kill(process.Id, Signum.SIGINT).Should().Be(0);
        ToolResult cut = await ToolProcess.FinishAsync(process);

        cut.End.Should().Be((130, "clusterhsm: cancelled; it has come to no verdict, and the same command begins again\n"));
    }

    [Test]
    public async Task Cat_into_a_pipe_that_is_closed_ends_at_once_and_quietly()
    {
        byte[] bytes = Shard.Write("f", 20_000_000);
        await MigrateAsync("f");
        using Process process = ToolProcess.Start("dotnet", ["exec", ToolProcess.Program, "cat", "--read-through", Shard.PathOf("f")]);

        byte[] first = new byte[10];
        await process.StandardOutput.BaseStream.ReadExactlyAsync(first);
        process.StandardOutput.Close();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        (process.ExitCode, errors).Should().Be((141, ""));
        first.Should().Equal(bytes[..10]);
    }

    [TestCase("status -r --json", 141)]
    [TestCase("status -r", 141)]
    [TestCase("export -r", 141)]
    [TestCase("migrate -r --dry-run", 141)]
    [TestCase("recall -r --json", 0)]
    public async Task A_closed_pipe_ends_a_command_that_is_run_for_what_it_writes_and_no_other(string command, int status)
    {
        string[] names = [.. Enumerable.Range(0, Files).Select(file => $"{new string('f', 240)}{file}")];
        foreach (string name in names)
            Shard.Write(name, 10);
        await ArchiveAsync(names);

        ToolResult result = await ToolProcess.RunScriptAsync($"{{ clusterhsm {command} \"$1\" && code=0 || code=$?; echo ended $code >&2; }} | head -c 10", Shard.Root);

        result.Errors.Should().Be($"ended {status}\n", "it does not say that all was written");
    }

    [Test]
    public async Task A_help_that_nobody_reads_is_no_failure_with_words()
    {
        ToolResult result = await ToolProcess.RunScriptAsync("{ sleep 2; clusterhsm migrate --help || echo ended $? >&2; } | true");

        result.Errors.Should().Be("ended 141\n");
    }

    [TestCase("cat")]
    [TestCase("status")]
    [TestCase("status --json")]
    public async Task A_full_output_is_a_failure_in_one_line(string command)
    {
        Shard.Write("f", 5000);

        ToolResult result = await ToolProcess.RunScriptAsync($"clusterhsm {command} \"$1\" > /dev/full", Shard.PathOf("f"));

        result.ExitCode.Should().Be(1);
        result.Errors.Should().MatchRegex("^clusterhsm: .*No space left on device.*\n$");
    }
}
