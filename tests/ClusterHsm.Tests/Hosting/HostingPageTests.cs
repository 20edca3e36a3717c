using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ClusterHsm.Hosting;
using FluentAssertions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace ClusterHsm.Tests.Hosting;

public sealed partial class HostingPageTests
{
    private static string Page => File.ReadAllText(SourceTree.PathOf("docs/hosting.md"));

    [Test]
    public void The_page_names_every_setting_with_its_default()
    {
        VolumeSettings defaults = new();
        Row().Matches(Page).Select(static row => (row.Groups[1].Value, row.Groups[2].Value.Trim('`'))).Should().BeEquivalentTo(
            typeof(VolumeSettings).GetProperties().Where(static one => one.Name != nameof(VolumeSettings.CustomPolicy))
                .Select(one => (one.Name, Words(one.GetValue(defaults)))));

        static string Words(object? value) => value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    [Test]
    public void The_configuration_on_the_page_is_a_valid_one()
    {
        string json = Json().Match(Page).Groups[1].Value;
        using ConfigurationManager configuration = new();
        configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        ServiceCollection services = new();
        services.AddClusterHsm(configuration);
        using ServiceProvider provider = services.BuildServiceProvider();

        IDictionary<string, VolumeSettings> volumes = provider.GetRequiredService<IOptions<ClusterHsmOptions>>().Value.Volumes;
        volumes.Keys.Should().BeEquivalentTo(["projects", "archive"]);
        (volumes["archive"].Required, volumes["archive"].LockTimeout).Should().Be((false, Timeout.InfiniteTimeSpan));
    }

    [GeneratedRegex(@"^\| `([A-Z]\w+)` \| (.*?) ?\| ", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^```json\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Json();
}
