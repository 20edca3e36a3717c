namespace ClusterHsm.Hosting;

/// <summary>The volumes of a program: the section <c>ClusterHsm</c> of its configuration.</summary>
public sealed class ClusterHsmOptions
{
    /// <summary>The volumes by name, without regard to case.</summary>
    public IDictionary<string, VolumeSettings> Volumes { get; } = new Dictionary<string, VolumeSettings>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What could not be read of the configuration, in words.</summary>
    internal List<string> Problems { get; } = [];
}
