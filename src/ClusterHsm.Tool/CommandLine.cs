using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ClusterHsm.Tool.Commands;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>The whole command line: parses it, runs the command that it names, and turns the end into an exit code.</summary>
internal static class CommandLine
{
    /// <summary>What a migrator may take, after Ctrl-C, to give its locks back in order; then the process ends anyway.</summary>
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] args)
    {
        OutputStream.Install();
        // A path may begin with '@', so that there are no response files.
        ParseResult result = Build().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool asksForHelp = result.Action is { ClearsParseErrors: true };
        string? unknown = asksForHelp ? null : UnknownOption(result);
        if (result.Action is ParseErrorAction or null || unknown is not null)
        {
            foreach (ParseError error in result.Errors)
                Console.Error.WriteLine($"clusterhsm: {Text.OneLine(error.Message)}");
            if (unknown is not null)
                Console.Error.WriteLine($"clusterhsm: There is no option '{Text.OneLine(unknown)}'. A path that begins with '-' goes after '--'.");
            Console.Error.WriteLine($"clusterhsm: See 'clusterhsm {CommandNameWithSpace(result)}--help'.");
            return ExitCodes.WrongUsage;
        }
        try
        {
            return await result.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = CancelTimeout,
            });
        }
        catch (ClosedOutputException)
        {
            return ExitCodes.ClosedOutput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"clusterhsm: {Text.OneLine(e.Message)}");
            return ExitCodes.SeveralReasons;
        }
    }

    /// <summary>A root command that takes its name from no file: the program is 'clusterhsm' also when it is run from the tree.</summary>
    internal static Command Build() => new("clusterhsm", """
        Hierarchical storage management for a directory tree that several computers share.

        Cold files move to secondary storage and leave stubs of the same name, size and times; whoever reads a stub through ClusterHsm gets its bytes back.

        First steps:
          clusterhsm init /mnt/shared --store file:///backup/store
          clusterhsm migrate --recursive /mnt/shared/old
          clusterhsm status --recursive /mnt/shared
          clusterhsm cat /mnt/shared/old/film.mov > film.mov

        Exit codes: 0 done; 1 several files failed, for differing reasons; 2 wrong usage; 130 cancelled; 141 nobody reads the output any more; 10 and above name the one failure, for instance 10 not a shard, 12 store unavailable, 13 permission missing, 17 file busy, 18 a node is in the way, 23 no such file, 31 a record that is not signed with the shard's key. Each failure is one line on standard error.
        """)
    {
        new HelpOption { Action = new HelpWithExamples() },
        new VersionOption(),
        InitCommand.Create(),
        StatusCommand.Create(),
        MigrateCommand.Create(),
        RecallCommand.Create(),
        CatCommand.Create(),
        NodesCommand.Create(),
        WatchCommand.Create(),
        DoctorCommand.Create(),
        DoctorPartnerCommand.Create(),
        VerifyCommand.Create(),
        SweepCommand.Create(),
        ExportCommand.Create(),
        ImportCommand.Create(),
        PinCommand.CreatePin(),
        PinCommand.CreateUnpin(),
    };

    /// <summary>
    /// An option that the command does not have. The parser takes it for one path more, so that <c>migrate --dryrun</c> would migrate.
    /// </summary>
    private static string? UnknownOption(ParseResult result)
    {
        IEnumerable<Token> operands = result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens);
        var known = new HashSet<Token>(operands, ReferenceEqualityComparer.Instance);
        return result.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Value is ['-', _, ..] && known.Contains(token))?.Value;
    }

    private static string CommandNameWithSpace(ParseResult result) =>
        result.CommandResult.Parent is null ? "" : result.CommandResult.Command.Name + " ";
}
