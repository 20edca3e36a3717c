using ClusterHsm.Coordination;
using Microsoft.Extensions.Options;

namespace ClusterHsm.Hosting;

/// <summary>Tells of every setting that cannot be, at once: its full path, its value, the cause and the way out.</summary>
internal sealed class SettingsValidator : IValidateOptions<ClusterHsmOptions>
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(100), LongestTime = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, ClusterHsmOptions options)
    {
        List<string> problems = [.. options.Problems];
        if (options.Volumes.Count == 0 && problems.Count == 0)
        {
            problems.Add($"{VolumeNames.Section}:{nameof(options.Volumes)}: no volume is named. Set " +
                $"{VolumeNames.PathOf("<name>", nameof(VolumeSettings.Root))} to the root of a shard.");
        }
        foreach ((string volume, VolumeSettings settings) in options.Volumes)
            problems.AddRange(ProblemsOf(volume, settings));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> ProblemsOf(string volume, VolumeSettings settings)
    {
        if (string.IsNullOrEmpty(settings.Root))
            yield return Problem(nameof(settings.Root), settings.Root, "it is missing", "Set it to the absolute path of a shard's root");
        else if (!Path.IsPathFullyQualified(settings.Root))
            yield return Problem(nameof(settings.Root), settings.Root, "it is not an absolute path", "Write the whole path, from the file system's root");
        if (settings.CacheCapacity < 1)
            yield return Problem(nameof(settings.CacheCapacity), settings.CacheCapacity, "a cache holds at least 1 inode", "Leave it out for 1000000");
        if (settings.PollInterval < SignalFileOptions.MinPollInterval || settings.PollInterval > LongestTime)
            yield return Problem(nameof(settings.PollInterval), settings.PollInterval,
                $"it is not between {SignalFileOptions.MinPollInterval} and {LongestTime}", "Leave it out for 00:00:01");
        if (settings.RetryInterval < ShortestRetry || settings.RetryInterval > LongestTime)
            yield return Problem(nameof(settings.RetryInterval), settings.RetryInterval,
                $"it is not between {ShortestRetry} and {LongestTime}", "Leave it out for 00:00:10");
        if (settings.LockTimeout < TimeSpan.Zero && settings.LockTimeout != Timeout.InfiniteTimeSpan)
            yield return Problem(nameof(settings.LockTimeout), settings.LockTimeout, "it is negative", "Write Infinite to wait without end, or leave it out for 00:05:00");
        if (settings.MaxConcurrentRecalls < 1)
            yield return Problem(nameof(settings.MaxConcurrentRecalls), settings.MaxConcurrentRecalls, "without at least 1 no stub is recalled", "Leave it out for 4");
        if (settings.Calm < TimeSpan.Zero)
            yield return Problem(nameof(settings.Calm), settings.Calm, "it is negative", "Leave it out for 00:00:30");
        if (!Enum.IsDefined(settings.SignalRequest))
            yield return Problem(nameof(settings.SignalRequest), settings.SignalRequest, "it is not a way to ask", "Leave it out for LockAndUnlock");
        if (!Enum.IsDefined(settings.Policy))
            yield return Problem(nameof(settings.Policy), settings.Policy, "there is no such policy", "Leave it out for WheneverAllowed");

        string Problem(string setting, object? value, string cause, string remedy) =>
            $"{VolumeNames.PathOf(volume, setting)} = '{value}': {cause}. {remedy}.";
    }
}
