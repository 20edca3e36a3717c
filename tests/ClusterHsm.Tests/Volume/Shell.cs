using System.Diagnostics;

namespace ClusterHsm.Tests.Volume;

/// <summary>Runs a command of the operating system's own tools.</summary>
internal static class Shell
{
    /// <returns>Whether it ended with 0.</returns>
    public static bool Run(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardError = true })!;
        shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode == 0;
    }
}
