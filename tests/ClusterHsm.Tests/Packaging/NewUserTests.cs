using System.Text.RegularExpressions;
using ClusterHsm.Tests.Documentation;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Packaging;

/// <summary>What the pages tell a newcomer to do, done from an empty folder with nothing prepared.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
[Platform("Linux")]
public sealed partial class NewUserTests
{
    [SetUp]
    public void RequireTree() => PackageFeed.RequireWritableTree();

    [Test]
    public async Task Getting_started_goes_as_it_is_written_from_the_packages_to_a_service_with_health_and_metrics()
    {
        NewUser.RequireCurl();
        using NewUser user = new();
        using PageSession session = user.Begin();

        await PageTests.PlayAsync(session, "docs/getting-started.md", user.Folder, user.Adapt);

        (await File.ReadAllTextAsync(Path.Combine(user.Folder, "service.log"))).Should().Contain($"{user.Folder}/shard: closed.", "it ended in good order");
    }

    [Test]
    public async Task What_the_README_says_of_installing_gives_a_project_the_package_and_the_user_the_command()
    {
        string[] lines = [.. Page.Of("README.md").Blocks.Select(static block => block.Text).Single(static text => text.StartsWith("dotnet pack ", StringComparison.Ordinal))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => Comment().Replace(line, ""))];
        using NewUser user = new();
        using PageSession session = user.Begin();
        int line = 0;

        await TypeAsync($"cd '{SourceTree.Root}'");
        await TypeAsync(Next("dotnet pack "));
        await TypeAsync(Next("dotnet nuget add source "));
        await TypeAsync($"cd '{user.Folder}' && dotnet new console -o project && cd project");
        await TypeAsync(Next("dotnet add package "));
        await TypeAsync(Next("dotnet tool install --global "));
        line.Should().Be(lines.Length, "all of it was done");

        (await File.ReadAllTextAsync(Path.Combine(user.Folder, "project/project.csproj"))).Should().Contain("<PackageReference Include=\"ClusterHsm\"");
        (await TypeAsync("PATH=\"$HOME/.dotnet/tools:$PATH\" clusterhsm --help")).Should().Contain("Usage:\n  clusterhsm [command]");

        string Next(string begin)
        {
            lines[line].Should().StartWith(begin);
            return user.Adapt(lines[line++]).Replace("/srv/packages", Path.Combine(user.Folder, "packages"), StringComparison.Ordinal);
        }

        async Task<string> TypeAsync(string command)
        {
            Typed typed = await session.TypeAsync(command);
            typed.Status.Should().Be(0, $"$ {command}\n{typed.Printed}");
            return typed.Printed;
        }
    }

    [GeneratedRegex(" +#.*$")]
    private static partial Regex Comment();
}
