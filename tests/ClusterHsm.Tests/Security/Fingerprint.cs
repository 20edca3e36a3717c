using System.Diagnostics;
using FluentAssertions;
using Mono.Unix.Native;

namespace ClusterHsm.Tests.Security;

/// <summary>What must stay as it is: names, inodes, modes, owners, times, extended attributes and contents of files and folders.</summary>
internal static class Fingerprint
{
    /// <param name="folder">Where.</param>
    /// <param name="names">Files and folders in it, with all below; none: everything.</param>
    public static string Of(string folder, params string[] names)
    {
        string text = Output($"cd '{folder}' && find {(names.Length == 0 ? "." : string.Join(' ', names))} -printf '%p %i %m %U %G %s %T@ %C@ %y %l\\n' | sort");
        text.Should().NotBeEmpty();
        return text + string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(facts =>
        {
            (string path, bool isFile) = (Path.Combine(folder, facts[0]), facts[8] == "f");
            return $"{path}: {Attributes(path)}{(isFile ? Output($"head -c 1048576 '{path}' | sha256sum") : "")}\n";
        }));
    }

    private static string Attributes(string path)
    {
        Syscall.llistxattr(path, out string[]? names).Should().BeGreaterThanOrEqualTo(0);
        return string.Concat((names ?? []).Order().Select(name =>
        {
            Syscall.lgetxattr(path, name, out byte[]? value);
            return $"{name}={Convert.ToHexString(value ?? [])} ";
        }));
    }

    private static string Output(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true })!;
        string text = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return text;
    }
}
