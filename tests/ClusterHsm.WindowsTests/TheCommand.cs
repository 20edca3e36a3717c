using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.WindowsTests;

/// <summary>The command as a process of Windows: this program starts itself as it.</summary>
[TestFixture]
[Platform("Win")]
public sealed class TheCommand
{
    [Test]
    public async Task The_command_tells_of_its_verbs()
    {
        (int status, string output, string errors) = await RunAsync("--help");
        (status, errors).Should().Be((0, ""));
        output.Should().ContainAll("init", "status", "migrate", "recall", "sweep", "doctor");
    }

    [Test]
    public async Task Wrong_usage_is_2_and_points_to_the_help()
    {
        (int status, string output, string errors) = await RunAsync("migrate", "--jobs", "0", "f");
        (status, output).Should().Be((2, ""));
        errors.Should().StartWith("clusterhsm: ").And.Contain("--help'.");
    }

    [Test]
    public async Task A_groups_name_that_Windows_has_not_is_refused()
    {
        (int status, _, string errors) = await RunAsync("init", "C:\\", "--store", "file:///D:/store", "--group", "staff");
        status.Should().Be(2);
        errors.Should().Contain("there is no group 'staff' on this computer");
    }

    [Test]
    public async Task A_folder_that_is_no_shard_is_said_to_be_none()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("clusterhsm-command-");
        (int status, _, string errors) = await RunAsync("status", folder.FullName);
        folder.Delete();
        status.Should().NotBe(0);
        errors.Should().Contain(folder.Name.TrimEnd('.'));
    }

    private static async Task<(int Status, string Output, string Errors)> RunAsync(params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["clusterhsm", .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output, await errors);
    }
}
