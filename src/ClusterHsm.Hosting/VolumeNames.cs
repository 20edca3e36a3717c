namespace ClusterHsm.Hosting;

/// <summary>How errors and logs name a volume's settings: as the configuration does.</summary>
internal static class VolumeNames
{
    public const string Section = "ClusterHsm";

    public static string PathOf(string volume, string setting) => $"{Section}:{nameof(ClusterHsmOptions.Volumes)}:{volume}:{setting}";
}
