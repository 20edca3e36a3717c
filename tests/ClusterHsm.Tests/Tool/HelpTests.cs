using System.CommandLine;
using System.Text.RegularExpressions;
using ClusterHsm.Tool;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>Help that a newcomer can work from.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HelpTests
{
    private static IEnumerable<Command> Commands => CommandLine.Build().Subcommands.Where(static command => !command.Hidden);

    private static IEnumerable<string> Names => Commands.Select(command => command.Name);

    [TestCaseSource(nameof(Names))]
    public void The_help_of_a_command_has_its_usage_and_an_example(string name)
    {
        string help = Help(name);

        help.Should().Contain($"Usage:\n  clusterhsm {name} ");
        help.Should().MatchRegex($@"Examples?:\n  clusterhsm {name} ");
    }

    [TestCaseSource(nameof(Commands))]
    public void Every_command_argument_and_option_is_described(Command command)
    {
        command.Description.Should().EndWith(".");
        command.Arguments.Should().NotBeEmpty().And.OnlyContain(argument => !string.IsNullOrEmpty(argument.Description));
        command.Options.Should().OnlyContain(option => !string.IsNullOrEmpty(option.Description));
        command.Options.Should().OnlyContain(option => option.ValueType == typeof(bool) || option.HelpName != null);
    }

    [Test]
    public void An_example_is_right_usage()
    {
        foreach (ToolCommand command in Commands.OfType<ToolCommand>())
        {
            foreach (string example in command.Examples)
            {
                string[] words = [.. Regex.Matches(example.Split('|', '>')[0], "'[^']*'|[^ ]+").Select(static word => word.Value.Trim('\''))];
                CommandLine.Build().Parse(words[1..]).Errors.Should().BeEmpty(example);
            }
        }
    }

    [Test]
    public async Task A_process_calls_itself_clusterhsm_whatever_its_file_is_called()
    {
        ToolResult result = await ToolProcess.RunAsync("--help");

        result.End.Should().Be((0, ""));
        result.Output.Should().Contain("Usage:\n  clusterhsm [command]").And.NotContain("ClusterHsm.Tool");
        result.Output.Should().ContainAll(Names);
    }

    private static string Help(string name)
    {
        using StringWriter output = new() { NewLine = "\n" };
        CommandLine.Build().Parse([name, "--help"]).Invoke(new InvocationConfiguration { Output = output }).Should().Be(0);
        return output.ToString();
    }
}
