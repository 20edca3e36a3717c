using System.Diagnostics;
using System.Xml.Linq;
using NUnit.Framework;

namespace ClusterHsm.Tests.Packaging;

/// <summary>A temporary folder, outside the tree, with the packages made of this build, and with programs of users who have only those.</summary>
/// <remarks>
/// Nothing is taken from a registry (<see cref="OfflineSources"/>). ClusterHsm's own packages go into a cache of their own: an older build
/// with the same version number must not be met.
/// </remarks>
internal sealed class PackageFeed : IDisposable
{
    public const string HostingPackage = "ClusterHsm.Hosting";

    /// <summary>For a command, the build of all programs included, on a machine that is busy with other work.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
    private readonly string _tree;
    private int _commands;

    private PackageFeed(string tree) => _tree = tree;

    /// <summary>The packages made.</summary>
    public static async Task<PackageFeed> PackAsync()
    {
        RequireWritableTree();
        PackageFeed feed = Empty();
        try
        {
            // What the tests were built with is packed, not built anew.
            await feed.RunAsync("dotnet", "pack", Path.Combine(feed._tree, "ClusterHsm.sln"), "--no-build", "-c", SourceTree.Configuration, "-o", feed.PathOf("feed"), "-warnaserror");
            return feed;
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }

    /// <summary>No package in it yet, and no program.</summary>
    public static PackageFeed Empty()
    {
        if (SourceTree.Root is null)
            Assert.Ignore($"Packages are made from the source tree, and {AppContext.BaseDirectory} is not in one.");
        PackageFeed feed = new(SourceTree.Root!);
        try
        {
            Directory.CreateDirectory(feed.PathOf("feed"));
            OfflineSources.Write(feed.PathOf("nuget.config"), "made", feed.PathOf("feed"));
            return feed;
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }

    /// <summary>The packages of a project elsewhere, which is built for it; they are put beside those that are there.</summary>
    public Task PackAsync(string project) =>
        RunAsync("dotnet", "pack", project, "-c", SourceTree.Configuration, "-o", PathOf("feed"), "-warnaserror", "-p:RunAnalyzers=false");

    /// <summary>A path below the temporary folder.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>The one package with this id and ending.</summary>
    public string Package(string id, string extension = "nupkg") => Directory.GetFiles(PathOf("feed"), $"{id}.*.{extension}")
        .Single(path => char.IsAsciiDigit(Path.GetFileName(path)[id.Length + 1]));

    /// <summary>A new program that references one package, and nothing else; with that of hosts it is a web program.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="package">The id of the package.</param>
    /// <param name="files">Names and texts of its sources.</param>
    public void WriteProgram(string name, string package, params IEnumerable<(string Name, string Text)> files)
    {
        string folder = Directory.CreateDirectory(PathOf(name)).FullName;
        string version = Path.GetFileNameWithoutExtension(Package(package))[(package.Length + 1)..];
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="{(package == HostingPackage ? "Microsoft.NET.Sdk.Web" : "Microsoft.NET.Sdk")}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        foreach ((string file, string text) in files)
            File.WriteAllText(Path.Combine(folder, file), text);
    }

    /// <summary>Restores and builds programs; all at once, for speed.</summary>
    public Task BuildAsync(IReadOnlyCollection<string> programs)
    {
        string solution = PathOf("programs.slnx");
        new XElement("Solution", programs.Select(static name => new XElement("Project", new XAttribute("Path", $"{name}/{name}.csproj")))).Save(solution);
        return RunAsync("dotnet", "build", solution, "-v", "quiet");
    }

    /// <summary>Runs a program that was built.</summary>
    public Task<string> RunProgramAsync(string name) => RunAsync("dotnet", "exec", Built(name));

    /// <summary>Runs a command and waits for its end.</summary>
    /// <returns>All that it said.</returns>
    /// <exception cref="AssertionException">It did not end with 0.</exception>
    public async Task<string> RunAsync(string program, params IEnumerable<string> args)
    {
        // Into a file: build servers that outlive the command keep a pipe open.
        string log = PathOf($"command-{++_commands}.log");
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" > \"$0\" 2>&1", log, program, .. args]) { WorkingDirectory = _folder };
        Prepare(start);
        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        string said = await File.ReadAllTextAsync(log);
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', args)}\n{said}");
        return said;
    }

    /// <summary>The surroundings of a user who has only the packages.</summary>
    public void Prepare(ProcessStartInfo start) => Prepare(start, _folder);

    /// <summary>The same with any folder as the user's home.</summary>
    public static void Prepare(ProcessStartInfo start, string home)
    {
        foreach (string name in start.Environment.Keys.Where(static name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        // So that a user without a home can run it, too.
        start.Environment["DOTNET_CLI_HOME"] = start.Environment["HOME"] = home;
        start.Environment["NUGET_PACKAGES"] = Path.Combine(home, "packages");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Built(string name) =>
        Directory.GetFiles(PathOf(name), $"{name}.dll", SearchOption.AllDirectories).First(static path => path.Contains("/bin/"));

    /// <summary>Packing needs the tree of sources, and writes into it.</summary>
    public static void RequireWritableTree()
    {
        if (SourceTree.Root is null)
            Assert.Ignore($"Packages are made from the source tree, and {AppContext.BaseDirectory} is not in one.");
        string probe = Path.Combine(SourceTree.PathOf("src/ClusterHsm/obj"), Path.GetRandomFileName());
        try
        {
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (UnauthorizedAccessException failure)
        {
            Assert.Ignore($"Packing writes into the tree's obj folders, and this user may not: {failure.Message}");
        }
    }
}
