using System.Diagnostics;

namespace ClusterHsm.Torture;

/// <summary>Where a run takes place: the mounts, and what can be done to their clients.</summary>
internal sealed class Place(TortureOptions options)
{
    /// <summary>A larger file system is not filled: that takes too long, and others may live on it.</summary>
    private const long LargestToFill = 8L << 30;

    /// <summary>A call that takes longer has been lost by the client: only the end of its daemon ends it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    private const int MostAttempts = 5;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly bool[] _isDead = new bool[options.Mounts.Count];

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
        FaultKind.LoseLocks when options.Faults is null =>
            "only who names it gets it, because a process that is stopped just before it changes a file, for longer than its locks are kept, is more than any lock survives",
        FaultKind.LoseLocks or FaultKind.Cut or FaultKind.KillClient when options.SlowClocks => "with slow clocks no lock may be lost",
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

    /// <summary>Whether a mount's client was ended because it did not answer any more, and is to be made anew.</summary>
    public bool IsDead(int mount) => Volatile.Read(ref _isDead[mount]);

    /// <summary>
    /// Waits for something that needs answers of a mount's client. GlusterFS clients lose requests when their network comes and goes, and
    /// whoever waits for the answer cannot even be killed; so the client's daemon is, and its mount is dead then.
    /// </summary>
    /// <returns>Whether it was over in time.</returns>
    public async Task<bool> WaitAsync(Task task, int mount)
    {
        if (!HasNetwork || await Task.WhenAny(task, Task.Delay(s_patience)) == task)
        {
            await task;
            return true;
        }
        if (!Interlocked.Exchange(ref _isDead[mount], true))
            await ControlAsync("kill", mount);
        await task;
        return false;
    }

    /// <summary>Makes a mount anew. Nobody may be on it.</summary>
    public async Task RemountAsync(int mount)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await ControlAsync("remount", mount);
                break;
            }
            catch (InvalidOperationException) when (attempt < MostAttempts)
            {
                await Task.Delay(s_pause); // a machine that is full of work may need longer than the client waits
            }
        }
        Volatile.Write(ref _isDead[mount], false);
    }

    /// <summary>Whether a mount answers, or does once its client has its network back; if not, it is dead when this returns.</summary>
    public async Task<bool> AnswersAsync(int mount)
    {
        return !HasNetwork || await WaitAsync(Task.Run(IsBackAsync), mount);

        async Task IsBackAsync()
        {
            while (!Directory.Exists(Root(mount)) && !IsDead(mount))
                await Task.Delay(100);
        }
    }

    private string[] Words(string template, int mount, string action) =>
        [.. template.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Replace("{name}", MountName(mount), StringComparison.Ordinal).Replace("{action}", action, StringComparison.Ordinal))];
}
