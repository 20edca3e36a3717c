using System.Diagnostics;

namespace ClusterHsm.Torture;

/// <summary>Where a run takes place: the mounts, and what can be done to their clients.</summary>
internal sealed class Place(TortureOptions options)
{
    /// <summary>A larger file system is not filled: that takes too long, and others may live on it.</summary>
    private const long LargestToFill = 8L << 30;

    private readonly string _name = $"torture-{options.Seed}";

    public int Mounts => options.Mounts.Count;

    /// <summary>The shard's root on a mount.</summary>
    public string Root(int mount) => Path.Combine(options.Mounts[mount], _name);

    public string MountName(int mount) => Path.GetFileName(options.Mounts[mount]);

    public string Filler => Path.Combine(options.Mounts[0], $"{_name}-filler");

    /// <summary>Whether clients can lose their network, so that a request can be on its way after it has failed.</summary>
    public bool HasNetwork => options.Control is not null;

    /// <summary>Why a fault cannot be shown here, or null.</summary>
    public string? WhyNot(FaultKind kind) => kind switch
    {
        FaultKind.Cut or FaultKind.KillClient when options.Control is null => "without --control there is no client to do it to",
        FaultKind.KillMigrator or FaultKind.StopMigrator or FaultKind.FullStore when options.Migrators == 0 => "there is no migrator",
        FaultKind.FullShard when !options.MayFill => "nobody has said --may-fill",
        FaultKind.FullShard when new DriveInfo(options.Mounts[0]).TotalSize is var size and > LargestToFill =>
            $"the shard's file system has {size} bytes, and none larger than {LargestToFill} is filled",
        _ => null,
    };

    /// <summary>The command line of a process on a mount.</summary>
    public string[] Command(int mount, string[] command) =>
        options.Prefix is { } prefix ? [.. Words(prefix, mount, ""), .. command] : command;

    /// <summary>Does something to a mount's client.</summary>
    public async Task ControlAsync(string action, int mount)
    {
        string[] words = Words(options.Control!, mount, action);
        // Not over a pipe: a daemon that it starts would keep it open.
        ProcessStartInfo start = new("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", .. words]);
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{string.Join(' ', words)}' ended with {process.ExitCode}.");
    }

    private string[] Words(string template, int mount, string action) =>
        [.. template.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Replace("{name}", MountName(mount), StringComparison.Ordinal).Replace("{action}", action, StringComparison.Ordinal))];
}
