using System.Globalization;
using ClusterHsm.Coordination;
using Microsoft.Extensions.Configuration;

namespace ClusterHsm.Hosting;

/// <summary>Reads the section of the configuration.</summary>
/// <remarks>
/// By hand and not by the binder: a name that it does not know is passed over by the binder and would leave a default in force, and what
/// cannot be read is told with the setting's full path, all at once. It needs no reflection.
/// </remarks>
internal static class SettingsReader
{
    private static readonly Dictionary<string, Action<VolumeSettings, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(VolumeSettings.Root)] = static (to, text) => to.Root = text,
        [nameof(VolumeSettings.Required)] = static (to, text) => to.Required = Flag(text),
        [nameof(VolumeSettings.RetryInterval)] = static (to, text) => to.RetryInterval = Time(text),
        [nameof(VolumeSettings.JoinAsNode)] = static (to, text) => to.JoinAsNode = Flag(text),
        [nameof(VolumeSettings.CacheCapacity)] = static (to, text) => to.CacheCapacity = Number(text),
        [nameof(VolumeSettings.PollInterval)] = static (to, text) => to.PollInterval = Time(text),
        [nameof(VolumeSettings.SignalRequest)] = static (to, text) => to.SignalRequest = Word<SignalRequest>(text),
        [nameof(VolumeSettings.NodeName)] = static (to, text) => to.NodeName = text,
        [nameof(VolumeSettings.Policy)] = static (to, text) => to.Policy = Word<VolumePolicy>(text),
        [nameof(VolumeSettings.Calm)] = static (to, text) => to.Calm = Time(text),
        [nameof(VolumeSettings.LockTimeout)] = static (to, text) =>
            to.LockTimeout = text.Equals("Infinite", StringComparison.OrdinalIgnoreCase) ? Timeout.InfiniteTimeSpan : Time(text),
        [nameof(VolumeSettings.ReadThroughWithoutWritePermission)] = static (to, text) => to.ReadThroughWithoutWritePermission = Flag(text),
        [nameof(VolumeSettings.MaxConcurrentRecalls)] = static (to, text) => to.MaxConcurrentRecalls = Number(text),
    };

    /// <summary>The names that a volume may have.</summary>
    public static IReadOnlyCollection<string> Names => Settings.Keys;

    public static void Read(IConfigurationSection section, ClusterHsmOptions options)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!child.Key.Equals(nameof(options.Volumes), StringComparison.OrdinalIgnoreCase))
            {
                options.Problems.Add($"{child.Path}: there is no such setting. Name volumes below {section.Path}:{nameof(options.Volumes)}.");
                continue;
            }
            foreach (IConfigurationSection volume in child.GetChildren())
                ReadVolume(volume, options);
        }
    }

    private static void ReadVolume(IConfigurationSection section, ClusterHsmOptions options)
    {
        if (!options.Volumes.TryGetValue(section.Key, out VolumeSettings? settings))
            options.Volumes[section.Key] = settings = new VolumeSettings();
        if (section.Value is { Length: > 0 } stray)
            options.Problems.Add($"{section.Path} = '{stray}': a volume is a section, not a value. Put the path in {section.Path}:{nameof(VolumeSettings.Root)}.");
        foreach (IConfigurationSection one in section.GetChildren())
        {
            if (!Settings.TryGetValue(one.Key, out Action<VolumeSettings, string>? set))
            {
                options.Problems.Add($"{one.Path}: there is no such setting. A volume has {string.Join(", ", Names)}.");
                continue;
            }
            try
            {
                if (one.Value is { } text)
                    set(settings, text);
            }
            catch (FormatException e)
            {
                options.Problems.Add($"{one.Path} = '{one.Value}': {e.Message}");
            }
        }
    }

    private static bool Flag(string text) =>
        bool.TryParse(text, out bool value) ? value : throw new FormatException("it is neither yes nor no. Write true or false.");

    private static int Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        ? value : throw new FormatException($"it is not a whole number up to {int.MaxValue}. Write digits only.");

    private static TimeSpan Time(string text) => text.Contains(':', StringComparison.Ordinal)
        && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan value)
        ? value : throw new FormatException("it is not a time. Write hours:minutes:seconds, such as 00:00:01.5 for one and a half seconds.");

    private static T Word<T>(string text) where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value)
        ? value : throw new FormatException($"it is none of {string.Join(", ", Enum.GetNames<T>())}. Write one of these.");
}
