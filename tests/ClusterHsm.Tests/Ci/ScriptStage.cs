using System.Diagnostics;
using NUnit.Framework;

namespace ClusterHsm.Tests.Ci;

/// <summary>A script of the tree in a temporary folder, and stand-ins for what it starts. It finds no other program than these and the tools that are named.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class ScriptStage : IDisposable
{
    private readonly string _script;

    public ScriptStage(string script, params IEnumerable<string> tools)
    {
        if (SourceTree.Root is null)
            Assert.Ignore($"The script is in the source tree, and {AppContext.BaseDirectory} is not in one.");
        _script = PathOf($"tree/{script}");
        Copy(script);
        Directory.CreateDirectory(PathOf("bin"));
        string[] folders = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        foreach (string tool in tools)
            File.CreateSymbolicLink(PathOf($"bin/{tool}"), folders.Select(folder => Path.Combine(folder, tool)).First(File.Exists));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("clusterhsm-").FullName;

    /// <summary>Below <c>tree</c> is the tree, in <c>bin</c> are the programs.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>A file of the tree as it is.</summary>
    public void Copy(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf($"tree/{file}"))!);
        File.Copy(SourceTree.PathOf(file), PathOf($"tree/{file}"));
    }

    /// <summary>A stand-in, in the words of the shell.</summary>
    public void Write(string name, string script)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    /// <returns>The exit status, and the lines of standard output.</returns>
    public async Task<(int Status, string[] Lines)> RunAsync(params string[] args)
    {
        ProcessStartInfo start = new("bash", [_script, .. args]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = PathOf("bin");
        start.Environment["TMPDIR"] = Folder;
        using Process run = Process.Start(start)!;
        string[] lines = (await run.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await run.WaitForExitAsync();
        return (run.ExitCode, lines);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
