using ClusterHsm.Coordination;
using ClusterHsm.Hosting;
using ClusterHsm.Tests.Volume;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace ClusterHsm.Tests.Hosting;

[Platform("Linux")]
public sealed class HostTests
{
    private LocalShard _shard = null!;

    [SetUp]
    public void Make() => _shard = new LocalShard();

    [TearDown]
    public void Remove() => _shard.Dispose();

    [Test]
    public async Task Volumes_are_open_by_name_before_any_service_starts_and_closed_after_all_have_stopped()
    {
        using LocalShard other = new();
        byte[] bytes = _shard.Write("f", 1000);
        Witness witness = new();
        using IHost host = Build(builder =>
        {
            // Registered first, so that it starts first and stops last of the services.
            builder.Services.AddSingleton<IHostedService>(provider => witness.Of(provider.GetRequiredService<IHsmVolumes>()));
            Configure(builder, ("projects", _shard.Root), ("other", other.Root));
        });

        await host.StartAsync();
        IHsmVolumes volumes = host.Services.GetRequiredService<IHsmVolumes>();
        volumes.Names.Should().BeEquivalentTo(["projects", "other"]);
        (await volumes["PROJECTS"].ReadAllAsync("f")).Should().Equal(bytes);
        (volumes["projects"].Root, volumes["other"].Root).Should().Be((_shard.Root, other.Root));
        HsmVolume volume = volumes["projects"];
        await host.StopAsync();

        (witness.OpenAtStart, witness.OpenAtStop).Should().Be((true, true));
        volume.Monitor!.State.Reason.Should().Be(ModeReason.Stopped);
        FluentActions.Invoking(() => volumes["projects"]).Should().Throw<VolumeNotOpenException>();
        FluentActions.Invoking(() => volumes["nothing"]).Should().Throw<KeyNotFoundException>()
            .WithMessage("*'nothing'*projects*ClusterHsm:Volumes:nothing:Root*");
    }

    [Test]
    public async Task A_stop_leaves_relaxed_mode_then_waits_for_open_files_and_refuses_new_ones()
    {
        byte[] bytes = _shard.Write("f", 1000);
        using IHost host = Build(builder => Configure(builder, ("projects", _shard.Root)));
        await host.StartAsync();
        HsmVolume volume = host.Services.GetRequiredService<IHsmVolumes>()["projects"];
        HsmFile file = await volume.OpenFileAsync("f");

        Task stop = host.StopAsync();
        while (volume.Monitor!.State.Reason != ModeReason.Stopped)
            await Task.Delay(1);
        await FluentActions.Awaiting(async () => await volume.OpenFileAsync("f")).Should().ThrowAsync<ObjectDisposedException>();
        byte[] read = new byte[bytes.Length];
        (await file.ReadAsync(read, 0)).Should().Be(bytes.Length);
        read.Should().Equal(bytes, "what is under way goes on, in strict mode");
        file.Mode.Should().Be(LockMode.Strict);
        stop.IsCompleted.Should().BeFalse();

        await file.DisposeAsync();
        await stop;
    }

    [Test]
    public async Task A_file_that_is_never_closed_holds_the_stop_up_no_longer_than_the_host_allows()
    {
        _shard.Write("f", 1000);
        using IHost host = Build(builder =>
        {
            Configure(builder, ("projects", _shard.Root));
            builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        });
        await host.StartAsync();
        HsmVolume volume = host.Services.GetRequiredService<IHsmVolumes>()["projects"];
        await using HsmFile file = await volume.OpenFileAsync("f");

        await host.StopAsync();
        volume.Monitor!.State.Reason.Should().Be(ModeReason.Stopped);
    }

    [Test]
    public async Task A_host_that_is_only_disposed_leaves_the_shard()
    {
        IHost host = Build(builder => Configure(builder, ("projects", _shard.Root)));
        await host.StartAsync();
        HsmVolume volume = host.Services.GetRequiredService<IHsmVolumes>()["projects"];
        host.Dispose();
        volume.Monitor!.State.Reason.Should().Be(ModeReason.Stopped);
    }

    [Test]
    public async Task A_required_shard_that_is_absent_ends_the_start_with_an_error_that_names_the_setting()
    {
        string absent = _shard.PathOf("absent");
        using IHost host = Build(builder => Configure(builder, ("there", _shard.Root), ("projects", absent)));
        (await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<VolumeNotOpenException>())
            .WithMessage($"ClusterHsm:Volumes:projects:Root = '{absent}': *Or set ClusterHsm:Volumes:projects:Required to false, to start without it.")
            .WithInnerException<HsmException>();
        await using HsmVolume look = await _shard.OpenAsync();
        NodeRegistry.List(look.Shard, look.Descriptor).Should().BeEmpty("the volumes that were open are closed");
    }

    [Test]
    public async Task A_setting_that_cannot_be_ends_the_start()
    {
        using IHost host = Build(builder => Configure(builder, ("projects", "not/absolute")));
        await FluentActions.Awaiting(() => host.StartAsync()).Should().ThrowAsync<OptionsValidationException>();
    }

    [Test]
    public async Task A_shard_that_is_not_required_is_unhealthy_until_it_is_there()
    {
        using LocalShard later = new(isMade: false);
        using IHost host = Build(builder =>
        {
            Configure(builder, ("projects", later.Root));
            builder.Services.AddClusterHsm(static options =>
            {
                options.Volumes["projects"].Required = false;
                options.Volumes["projects"].RetryInterval = TimeSpan.FromMilliseconds(100);
            });
            builder.Services.AddHealthChecks().AddClusterHsm();
        });
        await host.StartAsync();
        IHsmVolumes volumes = host.Services.GetRequiredService<IHsmVolumes>();
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();

        volumes.TryGet("projects", out _).Should().BeFalse();
        FluentActions.Invoking(() => volumes["projects"]).Should().Throw<VolumeNotOpenException>().WithMessage("ClusterHsm:Volumes:projects:Root*tried again*");
        HealthReport before = await health.CheckHealthAsync();
        before.Status.Should().Be(HealthStatus.Unhealthy);
        before.Entries["clusterhsm"].Data["projects.lastError"].Should().BeOfType<string>().Which.Should().Contain(later.Root);

        HsmShard.Initialize(later.Root, new Uri(later.StoreFolder));
        while (!volumes.TryGet("projects", out _))
            await Task.Delay(10);
        (await health.CheckHealthAsync()).Status.Should().Be(HealthStatus.Healthy);
        await host.StopAsync();
    }

    private static IHost Build(Action<HostApplicationBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        configure(builder);
        return builder.Build();
    }

    private static void Configure(HostApplicationBuilder builder, params (string Name, string Root)[] volumes)
    {
        foreach ((string name, string root) in volumes)
            builder.Configuration[$"ClusterHsm:Volumes:{name}:Root"] = root;
        builder.Services.AddClusterHsm(builder.Configuration);
    }

    /// <summary>A service that looks whether it has its volume from its start to its stop.</summary>
    private sealed class Witness : IHostedService
    {
        private IHsmVolumes _volumes = null!;

        public bool OpenAtStart { get; private set; }

        public bool OpenAtStop { get; private set; }

        public Witness Of(IHsmVolumes volumes)
        {
            _volumes = volumes;
            return this;
        }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            OpenAtStart = _volumes.TryGet("projects", out _);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            OpenAtStop = _volumes.TryGet("projects", out _);
            return Task.CompletedTask;
        }
    }
}
