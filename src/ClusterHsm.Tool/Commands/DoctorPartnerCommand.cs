using System.CommandLine;
using ClusterHsm.Diagnostics;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm doctor-partner</c>: the second process of <c>doctor</c>, not for people.</summary>
internal static class DoctorPartnerCommand
{
    public const string Name = "doctor-partner";

    public static Command Create()
    {
        Argument<string> root = new("ROOT");
        Command command = new(Name, "The second process of 'clusterhsm doctor'.") { root };
        command.Hidden = true;
        CommandRun.Set(command, null, async (_, parsed, cancel) =>
        {
            using var input = new StreamReader(Console.OpenStandardInput());
            await using var output = new StreamWriter(Console.OpenStandardOutput());
            await DoctorPartnerHost.RunAsync(parsed.GetRequiredValue(root), input, output, cancel);
        });
        return command;
    }
}
