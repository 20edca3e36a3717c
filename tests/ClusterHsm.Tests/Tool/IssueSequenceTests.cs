using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool;

/// <summary>The session that a newcomer types: init, migrate, stat, cat, status.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class IssueSequenceTests : ToolFixture
{
    [Test]
    public async Task Init_migrate_stat_cat_status_keep_the_file_free_its_blocks_and_give_every_byte_back()
    {
        string folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        try
        {
            string root = Path.Combine(folder, "R"), store = Path.Combine(folder, "S"), file = Path.Combine(root, "f");
            Directory.CreateDirectory(root);
            byte[] bytes = RandomNumberGenerator.GetBytes(100_000_000);
            await File.WriteAllBytesAsync(file, bytes);
            File.SetLastWriteTimeUtc(file, new DateTime(2019, 3, 4, 5, 6, 7, DateTimeKind.Utc));
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            string before = await StatAsync(file);

            (await ToolProcess.RunAsync("init", root, "--store", "file://" + store)).End.Should().Be(Done);
            ToolResult migrated = await ToolProcess.RunAsync("migrate", file);
            migrated.End.Should().Be(Done, "there is no progress in a pipe");
            migrated.Output.Should().Contain("archived 1").And.Contain("released 1").And.NotContain("skipped").And.NotContain("failed");

            (await StatAsync(file)).Should().Be(before, "size, mtime, mode, owner and inode stay");
            (await BlocksAsync(file)).Should().BeLessThanOrEqualTo(8, "the record alone takes a block where it does not fit the inode");
            (await ShownStateAsync(file)).Should().Be("released");

            ToolResult read = await ToolProcess.RunScriptAsync("clusterhsm cat \"$1\" | sha256sum", file);
            read.End.Should().Be(Done);
            read.Output.Should().StartWith(Convert.ToHexStringLower(SHA256.HashData(bytes)));
            (await ShownStateAsync(file)).Should().Be("archived");
            (await StatAsync(file)).Should().Be(before);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string?> ShownStateAsync(string file)
    {
        ToolResult status = await ToolProcess.RunAsync("status", "--json", file);
        status.End.Should().Be(Done);
        JsonElement line = status.Objects.Should().ContainSingle().Subject;
        line.GetProperty("path").GetString().Should().Be(file);
        return line.GetProperty("state").GetString();
    }

    private static async Task<string> StatAsync(string file) => (await ToolProcess.RunScriptAsync("stat -c '%s %y %f %u:%g %i' \"$1\"", file)).Output;

    private static async Task<long> BlocksAsync(string file) =>
        long.Parse((await ToolProcess.RunScriptAsync("stat -c %b \"$1\"", file)).Output, CultureInfo.InvariantCulture);
}
