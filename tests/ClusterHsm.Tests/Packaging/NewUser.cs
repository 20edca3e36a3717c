using System.Net;
using System.Net.Sockets;
using ClusterHsm.Tests.Documentation;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Packaging;

/// <summary>Someone with the SDK, an empty folder, and package sources of his own, in none of which ClusterHsm is.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class NewUser : IDisposable
{
    /// <summary>The name that the pages give the source of ClusterHsm's packages.</summary>
    public const string Source = "clusterhsm";

    private readonly string _root = Directory.CreateTempSubdirectory("clusterhsm-user-").FullName;

    public NewUser()
    {
        try
        {
            // What the user has must not be in the way: NuGet reads a nuget.config of every folder above.
            for (DirectoryInfo? above = new(_root); above is not null; above = above.Parent)
                above.EnumerateFiles().Where(static file => file.Name.Equals("nuget.config", StringComparison.OrdinalIgnoreCase)).Should().BeEmpty();
            OfflineSources.Write(Path.Combine(Directory.CreateDirectory(Path.Combine(Home, ".nuget/NuGet")).FullName, "NuGet.Config"), Source, folder: null);
            Directory.CreateDirectory(Folder);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Home => Path.Combine(_root, "home");

    /// <summary>Empty at the beginning.</summary>
    public string Folder => Path.Combine(_root, "folder");

    /// <summary>Where a service can listen that would listen on port 8080.</summary>
    public string Port { get; } = FreePort();

    public PageSession Begin() => new(Folder, start => PackageFeed.Prepare(start, Home));

    /// <summary>What a page shows, with this machine's tree and port.</summary>
    public string Adapt(string command) => PageTests.AsBuilt(command)
        .Replace("/srv/ClusterHsm", SourceTree.Root, StringComparison.Ordinal)
        .Replace(":8080", Port, StringComparison.Ordinal);

    /// <summary>The pages ask their services with it.</summary>
    public static void RequireCurl()
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(static folder => File.Exists(Path.Combine(folder, "curl"))))
            Assert.Ignore("The page asks its service with curl, and this machine has none.");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return $":{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
