using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using ClusterHsm.Tests.Documentation;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Packaging;

/// <summary>The packages as their users get them: from a feed, into a project of their own.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed class PackageTests
{
    private const string TestOfAUser = """
        using System.Text;
        using ClusterHsm;
        using ClusterHsm.Caching;
        using ClusterHsm.Coordination;
        using ClusterHsm.FileSystem;
        using ClusterHsm.Testing;

        var cluster = new InMemoryCluster();
        await using var store = new InMemoryStore(cluster.Clock);
        ShardDescriptor.Initialize(cluster.AddNode("init"), new ShardDescriptor
        {
            ShardId = Guid.NewGuid(), StoreLocation = store.Location, StoreId = store.Id,
        });

        InMemoryNode node = cluster.AddNode("reader");
        var cache = new InodeCache(capacity: 1000);
        await using var monitor = new SignalFileLockMonitor(node, cache);
        await monitor.FirstPoll;
        Console.WriteLine(monitor.State.Mode);

        node.Faults.OnLock(ControlFolder.SignalPath, LockKind.Shared).Once().Deny();
        monitor.Poll();
        Console.WriteLine(monitor.State.Mode);

        await using var volume = new HsmVolume(node, cache, monitor, LockModePolicy.Default, store);
        await using var file = await volume.OpenFileAsync("a", new HsmOpenOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite });
        file.Write("no hole"u8, offset: 0);
        var bytes = new byte[file.Length];
        file.Read(bytes, offset: 0);
        Console.WriteLine(Encoding.UTF8.GetString(bytes));
        """;

    private PackageFeed _feed = null!;
    private string[] _examples = null!;

    [OneTimeSetUp]
    public async Task PackAndBuildAsync()
    {
        _feed = await PackageFeed.PackAsync();
        _examples = [.. Page.Of("README.md").Blocks.Where(static block => block.Language == "csharp").Select(static block => block.Text)];
        _examples.Should().HaveSameCount(ReadmeExamples.Proofs);
        List<string> programs = ["TestOfAUser"];
        _feed.WriteProgram("TestOfAUser", "ClusterHsm.Testing", ("Program.cs", TestOfAUser));
        for (int i = 0; i < _examples.Length; i++)
        {
            programs.AddRange([WriteExample($"Example{i}", _examples[i]), WriteExample($"Example{i}Here", OnThisMachine(_examples[i]) + ReadmeExamples.Proofs[i])]);
        }
        foreach ((string name, string program) in PagePrograms())
        {
            programs.Add(name);
            bool isHosted = program.Contains($"using {PackageFeed.HostingPackage};", StringComparison.Ordinal);
            _feed.WriteProgram(name, isHosted ? PackageFeed.HostingPackage : "ClusterHsm", ("Program.cs", program));
        }
        await _feed.BuildAsync(programs); // which is the test of those of the pages that are not run
    }

    [OneTimeTearDown]
    public void RemoveFeed() => _feed?.Dispose();

    [TestCase("ClusterHsm")]
    [TestCase("ClusterHsm.Hosting")]
    [TestCase("ClusterHsm.Testing")]
    [TestCase("ClusterHsm.Tool")]
    public void A_package_has_what_its_page_shows_and_what_a_debugger_needs(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(_feed.Package(id)), symbols = ZipFile.OpenRead(_feed.Package(id, "snupkg"));
        string folder = id == "ClusterHsm.Tool" ? "tools/net10.0/any" : "lib/net10.0";
        package.Entries.Select(static entry => entry.FullName).Should()
            .Contain(["README.md", "LICENSE", "icon.png", $"{folder}/{id}.dll", $"{folder}/{id}.xml"]);
        symbols.Entries.Select(static entry => entry.FullName).Should().Contain($"{folder}/{id}.pdb");

        XElement metadata = Metadata(package, id);
        XNamespace ns = metadata.Name.Namespace;
        metadata.Element(ns + "license")!.Value.Should().Be("MIT");
        metadata.Element(ns + "readme")!.Value.Should().Be("README.md");
        metadata.Element(ns + "icon")!.Value.Should().Be("icon.png");
        metadata.Element(ns + "description")!.Value.Should().NotBeEmpty();
    }

    [TestCase("ClusterHsm")]
    [TestCase("ClusterHsm.Hosting")]
    [TestCase("ClusterHsm.Testing")]
    [TestCase("ClusterHsm.Tool")]
    public void A_debugger_gets_every_source_from_the_pdb_or_is_told_where_it_is(string id)
    {
        PdbSources sources = PdbSources.Of(_feed.Package(id, "snupkg"), $"{id}.pdb");

        sources.Documents.Should().HaveCountGreaterThan(1);
        sources.Documents.Where(document => !document.Value && sources.AddressOf(document.Key) is null).Should().BeEmpty();
    }

    [TestCase("ClusterHsm", "Microsoft.Extensions.Logging.Abstractions", "Mono.Posix.NETStandard")]
    [TestCase("ClusterHsm.Hosting", "ClusterHsm", "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Options")]
    [TestCase("ClusterHsm.Testing", "ClusterHsm")]
    [TestCase("ClusterHsm.Tool")]
    public void A_package_depends_on_no_more_than_it_must_and_on_newer_versions_too(string id, params string[] dependencies)
    {
        using ZipArchive package = ZipFile.OpenRead(_feed.Package(id));
        XElement metadata = Metadata(package, id);
        XElement[] named = [.. metadata.Descendants(metadata.Name.Namespace + "dependency")];
        named.Select(static dependency => dependency.Attribute("id")!.Value).Should().BeEquivalentTo(dependencies);
        named.Select(static dependency => dependency.Attribute("version")!.Value)
            .Should().NotContain(static version => !char.IsAsciiDigit(version[0]), "a range in brackets refuses newer versions");
    }

    [Test]
    public async Task A_user_of_the_testing_package_has_a_node_refused_the_signal() =>
        (await _feed.RunProgramAsync("TestOfAUser")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal("Relaxed", "Strict", "no hole");

    [Test]
    public async Task The_examples_of_the_README_compile_word_for_word_and_read_back_a_stub_that_the_packed_command_made()
    {
        byte[] content = RandomNumberGenerator.GetBytes(ReadmeExamples.BufferLength);
        string digest = Convert.ToHexStringLower(SHA256.HashData(content)), file = await MakeStubAsync("shard", "store", content);
        for (int i = 0; i < _examples.Length; i++)
        {
            (await StateAsync(file)).Should().Be("released");
            (await _feed.RunProgramAsync($"Example{i}Here")).Trim().Should().Be(digest);
            (await StateAsync(file)).Should().Be("archived", "reading has recalled it");
            await RunCommandAsync("migrate", file);
        }
    }

    [Test]
    public async Task The_page_about_hosts_makes_a_service_that_is_healthy_and_serves_a_stub_that_the_packed_command_made()
    {
        NewUser.RequireCurl();
        byte[] content = RandomNumberGenerator.GetBytes(1_000_001);
        string file = await MakeStubAsync("served", "served-store", content);
        using NewUser user = new();
        using PageSession session = user.Begin();
        (await session.TypeAsync($"dotnet nuget add source '{_feed.PathOf("feed")}' --name {NewUser.Source}")).Status.Should().Be(0);

        await PageTests.PlayAsync(session, "docs/hosting.md", user.Folder,
            line => user.Adapt(line).Replace(ReadmeExamples.Shard, _feed.PathOf("served"), StringComparison.Ordinal), WriteProgram);

        (await File.ReadAllBytesAsync(Path.Combine(user.Folder, "scan.tif"))).Should().Equal(content);
        (await StateAsync(file)).Should().Be("archived", "serving has recalled it");
        (await File.ReadAllTextAsync(Path.Combine(user.Folder, "service.log"))).Should().Contain($"{_feed.PathOf("served")}: closed.", "it ended in good order");

        void WriteProgram(Block block)
        {
            if (block.Language == "csharp")
                File.WriteAllText(Path.Combine(user.Folder, "service/Program.cs"), block.Text);
        }
    }

    private string WriteExample(string name, string example)
    {
        _feed.WriteProgram(name, "ClusterHsm", ("Program.cs", example));
        return name;
    }

    private static IEnumerable<(string Name, string Program)> PagePrograms() =>
        from page in Page.All
        where page.Name != "README.md"
        from program in page.Blocks.Where(static block => block.Language == "csharp").Index()
        select ($"Page.{Path.GetFileNameWithoutExtension(page.Name)}.{program.Index}", program.Item.Text);

    /// <summary>The example with the shard and the store of this test in place of those it names; nothing else is replaced.</summary>
    private string OnThisMachine(string example) => example
        .Replace(ReadmeExamples.Shard, _feed.PathOf("shard"), StringComparison.Ordinal)
        .Replace(ReadmeExamples.Store, _feed.PathOf("store"), StringComparison.Ordinal);

    /// <summary>Makes a shard and in it a stub, with the packed command.</summary>
    /// <returns>The stub's path.</returns>
    private async Task<string> MakeStubAsync(string shard, string store, byte[] content)
    {
        string file = Path.Combine(_feed.PathOf(shard), ReadmeExamples.File);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, content);

        await RunCommandAsync("init", _feed.PathOf(shard), "--store", $"file://{_feed.PathOf(store)}");
        (await RunCommandAsync("migrate", file)).Should().Contain("released 1");
        (await StateAsync(file)).Should().Be("released");
        (await File.ReadAllBytesAsync(file)).Should().OnlyContain(static one => one == 0, "it is a stub: a program without the library reads its hole");
        return file;
    }

    /// <summary>Runs the packed command, which is installed when it is first needed.</summary>
    private async Task<string> RunCommandAsync(params string[] args)
    {
        string command = _feed.PathOf("tools/clusterhsm");
        if (!File.Exists(command))
            await _feed.RunAsync("dotnet", "tool", "install", "ClusterHsm.Tool", "--tool-path", _feed.PathOf("tools"), "--configfile", _feed.PathOf("nuget.config"));
        return await _feed.RunAsync(command, args);
    }

    private async Task<string?> StateAsync(string file)
    {
        using JsonDocument line = JsonDocument.Parse(await RunCommandAsync("status", "--json", file));
        return line.RootElement.GetProperty("state").GetString();
    }

    private static XElement Metadata(ZipArchive package, string id)
    {
        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        XElement root = XDocument.Load(nuspec).Root!;
        return root.Element(root.Name.Namespace + "metadata")!;
    }
}
