using ClusterHsm.Coordination;
using ClusterHsm.Hosting;
using FluentAssertions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace ClusterHsm.Tests.Hosting;

public sealed class SettingsTests
{
    private const string Volume = "ClusterHsm:Volumes:projects";

    private static readonly string Folder = OperatingSystem.IsWindows() ? "C:/mnt/p" : "/mnt/p";

    [TestCase("Root", "", "ClusterHsm:Volumes:projects:Root = '': it is missing. Set it to the absolute path of a shard's root.")]
    [TestCase("Root", "mnt/p", "ClusterHsm:Volumes:projects:Root = 'mnt/p': it is not an absolute path. Write the whole path, from the file system's root.")]
    [TestCase("Required", "perhaps", "ClusterHsm:Volumes:projects:Required = 'perhaps': it is neither yes nor no. Write true or false.")]
    [TestCase("CacheCapacity", "many", "ClusterHsm:Volumes:projects:CacheCapacity = 'many': it is not a whole number up to 2147483647. Write digits only.")]
    [TestCase("CacheCapacity", "0", "ClusterHsm:Volumes:projects:CacheCapacity = '0': a cache holds at least 1 inode. Leave it out for 1000000.")]
    [TestCase("PollInterval", "1", "ClusterHsm:Volumes:projects:PollInterval = '1': it is not a time. Write hours:minutes:seconds, such as 00:00:01.5 for one and a half seconds.")]
    [TestCase("PollInterval", "00:00:00", "ClusterHsm:Volumes:projects:PollInterval = '00:00:00': it is not between 00:00:00.0100000 and 1.00:00:00. Leave it out for 00:00:01.")]
    [TestCase("RetryInterval", "00:00:00", "ClusterHsm:Volumes:projects:RetryInterval = '00:00:00': it is not between 00:00:00.1000000 and 1.00:00:00. Leave it out for 00:00:10.")]
    [TestCase("LockTimeout", "-00:00:05", "ClusterHsm:Volumes:projects:LockTimeout = '-00:00:05': it is negative. Write Infinite to wait without end, or leave it out for 00:05:00.")]
    [TestCase("MaxConcurrentRecalls", "0", "ClusterHsm:Volumes:projects:MaxConcurrentRecalls = '0': without at least 1 no stub is recalled. Leave it out for 4.")]
    [TestCase("Calm", "-00:00:01", "ClusterHsm:Volumes:projects:Calm = '-00:00:01': it is negative. Leave it out for 00:00:30.")]
    [TestCase("Policy", "Sometimes", "ClusterHsm:Volumes:projects:Policy = 'Sometimes': it is none of WheneverAllowed, AlwaysStrict, RelaxedAfterCalm. Write one of these.")]
    [TestCase("SignalRequest", "7", "ClusterHsm:Volumes:projects:SignalRequest = '7': it is none of LockAndUnlock, Query. Write one of these.")]
    public void A_setting_that_cannot_be_is_named_with_its_path_its_value_the_cause_and_the_way_out(string setting, string value, string error) =>
        Errors((Volume + ":Root", Folder), ($"{Volume}:{setting}", value)).Should().Equal(error);

    [Test]
    public void A_setting_that_does_not_exist_is_an_error_and_not_passed_over()
    {
        Errors((Volume + ":Root", Folder), (Volume + ":PollIntervall", "00:00:02")).Should().ContainSingle()
            .Which.Should().StartWith("ClusterHsm:Volumes:projects:PollIntervall: there is no such setting. A volume has Root, ");
        Errors(("ClusterHsm:Volume:projects:Root", Folder)).Should().ContainSingle()
            .Which.Should().StartWith("ClusterHsm:Volume: there is no such setting.");
        Errors((Volume, Folder)).Should().Contain(
            $"ClusterHsm:Volumes:projects = '{Folder}': a volume is a section, not a value. Put the path in ClusterHsm:Volumes:projects:Root.");
    }

    [Test]
    public void All_that_is_wrong_is_told_at_once() =>
        Errors((Volume + ":CacheCapacity", "0"), ("ClusterHsm:Volumes:other:Root", "here")).Should().HaveCount(3);

    [Test]
    public void No_volume_at_all_is_an_error() =>
        Errors().Should().Equal("ClusterHsm:Volumes: no volume is named. Set ClusterHsm:Volumes:<name>:Root to the root of a shard.");

    [Test]
    public void Every_setting_is_read_by_its_name()
    {
        VolumeSettings read = Options([
            (Volume + ":Root", Folder), (Volume + ":Required", "false"), (Volume + ":RetryInterval", "00:00:03"), (Volume + ":JoinAsNode", "False"),
            (Volume + ":CacheCapacity", "77"), (Volume + ":PollInterval", "00:00:00.5"), (Volume + ":SignalRequest", "query"),
            (Volume + ":NodeName", "n1"), (Volume + ":Policy", "RelaxedAfterCalm"), (Volume + ":Calm", "00:01:00"), (Volume + ":LockTimeout", "infinite"),
            (Volume + ":ReadThroughWithoutWritePermission", "false"), (Volume + ":MaxConcurrentRecalls", "9")]).Volumes["PROJECTS"];

        read.Should().BeEquivalentTo(new VolumeSettings
        {
            Root = Folder, Required = false, RetryInterval = TimeSpan.FromSeconds(3), JoinAsNode = false, CacheCapacity = 77,
            PollInterval = TimeSpan.FromSeconds(0.5), SignalRequest = SignalRequest.Query, NodeName = "n1", Policy = VolumePolicy.RelaxedAfterCalm,
            Calm = TimeSpan.FromMinutes(1), LockTimeout = Timeout.InfiniteTimeSpan, ReadThroughWithoutWritePermission = false, MaxConcurrentRecalls = 9,
        });
        SettingsReader.Names.Append(nameof(VolumeSettings.CustomPolicy)).Should()
            .BeEquivalentTo(typeof(VolumeSettings).GetProperties().Select(static one => one.Name), "the configuration knows every setting that is not code");
    }

    [Test]
    public void Code_changes_what_the_configuration_says()
    {
        ServiceCollection services = new();
        services.AddClusterHsm(Configuration([(Volume + ":Root", Folder)]));
        services.AddClusterHsm(options => options.Volumes["projects"].CacheCapacity = 5);
        using ServiceProvider provider = services.BuildServiceProvider();

        VolumeSettings settings = provider.GetRequiredService<IOptions<ClusterHsmOptions>>().Value.Volumes["projects"];
        (settings.Root, settings.CacheCapacity).Should().Be((Folder, 5));
    }

    private static IEnumerable<string> Errors(params (string Name, string Value)[] settings)
    {
        try
        {
            Options(settings);
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }

    private static ClusterHsmOptions Options((string Name, string Value)[] settings)
    {
        ServiceCollection services = new();
        services.AddClusterHsm(Configuration(settings));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<ClusterHsmOptions>>().Value;
    }

    private static IConfiguration Configuration((string Name, string Value)[] settings)
    {
        ConfigurationManager configuration = new();
        foreach ((string name, string value) in settings)
            configuration[name] = value;
        return configuration;
    }
}
