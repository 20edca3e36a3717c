using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Packaging;

/// <summary>What a package says of the repository that it was made from, in a checkout with a remote and in one without.</summary>
[Platform("Linux")]
public sealed class SourceLinkTests
{
    private const string Remote = "https://github.com/example/clusterhsm", Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Core = "src/ClusterHsm";

    /// <summary>What the core is packed of.</summary>
    private static readonly string[] Files = ["Directory.Build.props", "Directory.Packages.props", "global.json", "README.md", "LICENSE", "assets/icon.png", "src/Directory.Build.props", "src/Directory.Build.targets"];

    private PackageFeed _feed = null!;

    [SetUp]
    public void MakeFeed() => _feed = PackageFeed.Empty();

    [TearDown]
    public void RemoveFeed() => _feed?.Dispose();

    [Test]
    public async Task A_checkout_with_a_remote_links_to_its_sources_names_itself_in_the_package_and_is_validated()
    {
        string tree = CopyCore();
        WriteRepository(tree);

        await _feed.PackAsync(Path.Combine(tree, Core));

        PdbSources sources = PdbSources.Of(_feed.Package("ClusterHsm", "snupkg"), "ClusterHsm.pdb");
        string volume = sources.Documents.Keys.Should().ContainSingle(static name => name.EndsWith("/HsmVolume.cs", StringComparison.Ordinal)).Subject;
        sources.AddressOf(volume).Should().Be($"https://raw.githubusercontent.com/example/clusterhsm/{Commit}/{Core}/Volume/HsmVolume.cs");
        sources.Documents[volume].Should().BeFalse("what is served is not carried, too");
        sources.Documents.Where(document => !document.Value && sources.AddressOf(document.Key) is null).Should().BeEmpty();
        sources.Documents.Where(static document => document.Key.Contains("/obj/", StringComparison.Ordinal))
            .Should().NotBeEmpty().And.OnlyContain(static document => document.Value, "what the build has made is in no repository");

        XElement repository = Repository(_feed.Package("ClusterHsm"))!;
        repository.Attribute("type")!.Value.Should().Be("git");
        repository.Attribute("url")!.Value.Should().Be(Remote);
        repository.Attribute("commit")!.Value.Should().Be(Commit);

        Directory.GetFiles(Path.Combine(tree, Core, "obj"), "*ApiCompat.ValidatePackage.semaphore", SearchOption.AllDirectories)
            .Should().ContainSingle("package validation leaves it when it has run");
    }

    [TestCase("ClusterHsm", true)]
    [TestCase("ClusterHsm.Hosting", true)]
    [TestCase("ClusterHsm.Testing", true)]
    [TestCase("ClusterHsm.Tool", false, Description = "The SDK leaves a tool out: nobody compiles against it.")]
    public async Task Packages_are_validated_and_against_no_release_while_there_is_none(string project, bool isValidated)
    {
        string[] names = ["IsPackable", "EnablePackageValidation", "PackageValidationBaselineVersion", "PublishRepositoryUrl"];
        using JsonDocument said = JsonDocument.Parse(
            await _feed.RunAsync("dotnet", "msbuild", SourceTree.PathOf($"src/{project}"), $"-getProperty:{string.Join(',', names)}"));

        string?[] values = [.. names.Select(name => said.RootElement.GetProperty("Properties").GetProperty(name).GetString())];

        values.Should().Equal("true", isValidated ? "true" : "false", "", "true");
        File.ReadAllText(SourceTree.PathOf("README.md")).Should().Contain(" are not published.", "once they are, the last release is the baseline, in src/Directory.Build.props");
    }

    private static XElement? Repository(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(package);
        using Stream nuspec = zip.GetEntry("ClusterHsm.nuspec")!.Open();
        return XDocument.Load(nuspec).Descendants().SingleOrDefault(static element => element.Name.LocalName == "repository");
    }

    private string CopyCore()
    {
        string tree = _feed.PathOf("tree");
        IEnumerable<string> sources = Directory.EnumerateFiles(SourceTree.PathOf(Core), "*", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(SourceTree.Root!, path))
            .Where(static path => !path.StartsWith($"{Core}/obj/", StringComparison.Ordinal) && !path.StartsWith($"{Core}/bin/", StringComparison.Ordinal));
        foreach (string path in sources.Concat(Files))
        {
            string copy = Path.Combine(tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(SourceTree.PathOf(path), copy);
        }
        return tree;
    }

    /// <summary>What the SDK reads of a repository; it asks no git.</summary>
    private static void WriteRepository(string tree)
    {
        string git = Path.Combine(tree, ".git");
        Directory.CreateDirectory(Path.Combine(git, "objects"));
        Directory.CreateDirectory(Path.Combine(git, "refs/heads"));
        File.WriteAllText(Path.Combine(git, "HEAD"), "ref: refs/heads/main\n");
        File.WriteAllText(Path.Combine(git, "refs/heads/main"), $"{Commit}\n");
        File.WriteAllText(Path.Combine(git, "config"), $"[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = {Remote}\n");
        File.WriteAllText(Path.Combine(tree, ".gitignore"), "bin/\nobj/\n");
    }
}
