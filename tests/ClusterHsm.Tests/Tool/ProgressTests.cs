using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Long commands on a terminal: how far, how fast, how long still. Nothing of it in a pipe.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class ProgressTests : ToolFixture
{
    [Test]
    public async Task Long_commands_show_a_line_and_take_it_away_again()
    {
        for (int file = 0; file < 3; file++)
            Shard.Write($"long-name-of-a-folder/f{file}", 3_000_000);

        string migrated = await RunAsync("migrate", "-r", Shard.Root);
        string verified = await RunAsync("verify", "--deep", Shard.Root);
        string recalled = await RunAsync("recall", "-r", Shard.Root);

        Frames(migrated).Should().ContainMatch("archiving * of 3 files*", "a new file is left alone for two seconds, and they are counted meanwhile");
        Plain(migrated).Should().Contain("archived 3 (8.6 MiB), released 3");
        Frames(verified).Should().ContainMatch("verifying * files*");
        Plain(verified).Should().Contain("verified 3");
        Frames(recalled).Should().ContainMatch("recalling * files*");
        Plain(recalled).Should().Contain("recalled 3 (8.6 MiB)");
        foreach (string output in (string[])[migrated, verified, recalled])
            Frames(output).Should().OnlyContain(static frame => frame.Length < 60, "a line that is wrapped cannot be erased");
    }

    [Test]
    public async Task A_sweep_shows_what_it_has_read()
    {
        Shard.Write("f", 5000);
        await ArchiveAsync("f");

        string output = await RunAsync("sweep", "--dry-run", Shard.Root);

        Frames(output).Should().ContainMatch("listing objects: *");
        Plain(output).Should().EndWith("1 objects, 0 orphans (0 B), would delete 0 (0 B)\n");
    }

    [Test]
    public async Task An_export_an_import_and_a_status_show_a_line()
    {
        Shard.Write("f", 5000);
        await MigrateAsync("f");
        string exports = Path.Combine(Path.GetDirectoryName(Shard.Root)!, "stubs.jsonl");

        string exported = await RunIntoAsync(exports, "export", "-r", Shard.Root);
        string listed = await RunIntoAsync("/dev/null", "status", "-r", Shard.Root);
        string summed = await RunAsync("status", "-r", "--summary", Shard.Root);
        File.Delete(Shard.PathOf("f"));
        string imported = await RunAsync("import", Shard.Root, exports);

        Frames(exported).Should().ContainMatch("exporting * files*");
        (await File.ReadAllLinesAsync(exports)).Should().ContainSingle();
        Frames(listed).Should().ContainMatch("looking at 1 files*");
        Frames(summed).Should().ContainMatch("looking at 1 files*");
        Frames(imported).Should().ContainMatch("importing * files*");
        Plain(imported).Should().Contain("imported 1");
    }

    [Test]
    public async Task A_list_that_goes_to_the_terminal_or_into_a_pipe_is_not_written_into()
    {
        Shard.Write("f", 5000);
        using PseudoTerminal piped = PseudoTerminal.Start(60, 20, ["TERM=xterm", "sh", "-c", "\"$@\" | cat", "sh"], "status", "-r", Shard.Root);

        (await piped.FinishAsync()).Should().Be(0, piped.Written);

        piped.Written.Should().NotContain("\e[K").And.Contain("regular");
        (await RunAsync("status", "-r", Shard.Root)).Should().NotContain("\e[K").And.Contain("regular");
    }

    [Test]
    public async Task A_pipe_sees_none_of_it()
    {
        Shard.Write("f", 5000);

        ToolResult result = await ToolProcess.RunAsync("migrate", "-r", Shard.Root);

        result.End.Should().Be(Done);
        result.Lines.Should().ContainSingle().Which.Should().StartWith("archived 1");
    }

    [Test]
    public async Task Objects_on_a_terminal_are_not_written_into()
    {
        Shard.Write("f", 5000);

        (await RunAsync("migrate", "-r", "--json", Shard.Root)).Should().NotContain("\e[K").And.Contain("\"action\":\"released\"");
    }

    private static Task<string> RunAsync(params string[] args) => FinishAsync(PseudoTerminal.Start(60, 20, args));

    /// <summary>The same with standard output in a file.</summary>
    private static Task<string> RunIntoAsync(string file, params string[] args) =>
        FinishAsync(PseudoTerminal.Start(60, 20, ["TERM=xterm", $"output={file}", "sh", "-c", "exec \"$@\" > \"$output\"", "sh"], args));

    private static async Task<string> FinishAsync(PseudoTerminal started)
    {
        using PseudoTerminal terminal = started;
        (await terminal.FinishAsync()).Should().Be(0, terminal.Written);
        return terminal.Written.Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Each text that the line has had.</summary>
    private static string[] Frames(string output) => [.. Frame().Matches(output).Select(static frame => frame.Groups[1].Value).Where(static frame => frame.Length > 0)];

    private static string Plain(string output) => Frame().Replace(output, "$2");

    [GeneratedRegex("\r\e\\[K([^\r\e\n]*)(?=\r\e\\[K)|\r\e\\[K([^\r\e\n]*\n?)")]
    private static partial Regex Frame();
}
