using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

public sealed class GlusterClientTests
{
    private const string Direct = "direct_io_mode = 1";

    [Test]
    public void Direct_io_without_caching_translators_is_all_right() =>
        FaultOf(Direct, "protocol/client", "performance/write-behind", "performance/open-behind", "performance/readdir-ahead", "performance/io-threads", "meta")
            .Should().BeNull();

    [TestCase("direct_io_mode = 0")]
    [TestCase("direct_io_mode = 2")]
    [TestCase("proto_minor = 1")]
    public void Without_direct_io_the_page_cache_is_named(string line) =>
        FaultOf(line, "protocol/client").Should().Contain("(the kernel's page cache)").And.Contain("direct-io-mode=enable");

    [TestCase("quick-read")]
    [TestCase("md-cache")]
    [TestCase("io-cache")]
    [TestCase("read-ahead")]
    [TestCase("one-that-nobody-has-tried")]
    public void A_translator_that_caches_is_named(string name) =>
        FaultOf(Direct, "protocol/client", $"performance/{name}").Should().Contain($"(performance/{name})").And.Contain("gluster volume set");

    [Test]
    public void A_mount_that_does_not_tell_is_not_trusted()
    {
        string folder = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        GlusterClient.FindFault(folder).Should().Contain($"cannot be read from {folder}/.meta");
        Directory.Delete(folder);
    }

    private static string? FaultOf(string mountLine, params string[] types) => GlusterClient.FindFault(
        ["[xlator.mount.fuse.priv]", "fd = 7", mountLine, "entry_timeout = 1.000000"],
        types.SelectMany(static type => (string[])["volume it", $"    type {type}", "    option type performance/quick-read", "end-volume", ""]));
}
