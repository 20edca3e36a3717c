using ClusterHsm.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts volumes into a host.</summary>
public static class ClusterHsmServiceCollectionExtensions
{
    /// <summary>
    /// Adds the volumes that the section <c>ClusterHsm</c> names: <c>ClusterHsm:Volumes:&lt;name&gt;:Root</c> and the other settings of
    /// <see cref="VolumeSettings"/>. They are had from <see cref="IHsmVolumes"/>.
    /// </summary>
    /// <param name="services">The services of a host.</param>
    /// <param name="configuration">The configuration of the program, or the section itself.</param>
    /// <remarks>A setting that cannot be, or that does not exist, ends the start of the host with <see cref="OptionsValidationException"/>.</remarks>
    public static IServiceCollection AddClusterHsm(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IConfigurationSection section = configuration is IConfigurationSection { Key: VolumeNames.Section } itself
            ? itself : configuration.GetSection(VolumeNames.Section);
        return services.AddClusterHsm(options => SettingsReader.Read(section, options));
    }

    /// <summary>Adds volumes from code; can be combined with a configuration, and called more than once.</summary>
    /// <param name="services">The services of a host.</param>
    /// <param name="configure">Adds volumes, or changes those that were added before.</param>
    public static IServiceCollection AddClusterHsm(this IServiceCollection services, Action<ClusterHsmOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<ClusterHsmOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusterHsmOptions>, SettingsValidator>());
        if (services.Any(static one => one.ServiceType == typeof(HsmVolumes)))
            return services;
        services.AddSingleton<HsmVolumes>();
        services.AddSingleton<IHsmVolumes>(static provider => provider.GetRequiredService<HsmVolumes>());
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<HsmVolumes>());
        return services;
    }
}
