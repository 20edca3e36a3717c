using System.Globalization;

namespace ClusterHsm.Torture;

/// <summary>What the user can choose.</summary>
internal sealed record TortureOptions
{
    public const string Usage = """
        ClusterHsm.Torture: nodes read and write, migrators migrate, faults happen; every read is compared with what may legally be seen.

          --root DIR             an empty or new folder for the shard, below which a folder of its own is made
          --mounts DIR1,DIR2     instead: the same folder on several mounts of one shared file system
          --prefix 'CMD {name}'  what a process on a mount is started with, e.g. nsenter; {name} is the last part of the mount's path
          --control 'CMD {action} {name}'  cut, heal, kill and remount a mount's client; makes cut and kill-client possible
          --store DIR            below which the store is made; default: in the private folder
          --work DIR             below which the private folder is made (ledger, history); default: the folder for temporary files
          --nodes N              default 3
          --migrators N          default 2
          --files N              default 150
          --seconds S            default 60
          --seed X               of the choice of faults, files and pauses; not of what the operating system does with them
          --lease MS             of the shard, default 1000
          --pause MS             longest pause between two faults, default 2000
          --keep                 keep everything at the end, and write the history as text
          --may-fill             the shard's file system may be filled to the brim for a while
          --slow-clocks          the nodes' clocks run at a quarter of the rate: only locks protect, and none are lost
          --faults A,B           kill-node, stop-node, freeze-node, lock-errors, kill-migrator, stop-migrator, cut, kill-client,
                                 full-shard, full-store, store-errors, slow-store, lose-locks; default: all that can be shown here but
                                 lose-locks; none: no fault

        Exit code: 0 if every read was legal, and every file and object accounted for at the end; 1 if not: then shard, store, ledger
        and history are kept; 2 for a wrong option.
        """;

    public IReadOnlyList<string> Mounts { get; private init; } = [];

    public string? Prefix { get; private init; }

    public string? Control { get; private init; }

    public string? Store { get; private init; }

    public string Work { get; private init; } = Path.GetTempPath();

    public int Nodes { get; private init; } = 3;

    public int Migrators { get; private init; } = 2;

    public int Files { get; private init; } = 150;

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(60);

    public int Seed { get; private init; } = Environment.TickCount & 0xFFFFFF;

    public TimeSpan Lease { get; private init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Pause { get; private init; } = TimeSpan.FromSeconds(2);

    public bool Keeps { get; private init; }

    public bool MayFill { get; private init; }

    public bool SlowClocks { get; private init; }

    /// <summary>Null: all that can be shown.</summary>
    public IReadOnlyList<FaultKind>? Faults { get; private init; }

    /// <exception cref="ArgumentException">An option is unknown or its value is of no use.</exception>
    public static TortureOptions Parse(string[] args)
    {
        TortureOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name is "--may-fill" or "--keep" or "--slow-clocks")
            {
                options = name switch
                {
                    "--keep" => options with { Keeps = true },
                    "--may-fill" => options with { MayFill = true },
                    _ => options with { SlowClocks = true },
                };
                continue;
            }
            string value = ++i < args.Length ? args[i] : throw new ArgumentException($"{name} needs a value, or is no option; try --help.");
            options = name switch
            {
                "--root" => options with { Mounts = [Path.GetFullPath(value)] },
                "--mounts" => options with { Mounts = [.. value.Split(',').Select(Path.GetFullPath)] },
                "--prefix" => options with { Prefix = value },
                "--control" => options with { Control = value },
                "--store" => options with { Store = Path.GetFullPath(value) },
                "--work" => options with { Work = Path.GetFullPath(value) },
                "--nodes" => options with { Nodes = Number(name, value, 1, 100) },
                "--migrators" => options with { Migrators = Number(name, value, 0, 100) },
                "--files" => options with { Files = Number(name, value, 1, 100_000) },
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(Number(name, value, 1, 1_000_000)) },
                "--seed" => options with { Seed = Number(name, value, 0, int.MaxValue) },
                "--lease" => options with { Lease = TimeSpan.FromMilliseconds(Number(name, value, 100, 60_000)) },
                "--pause" => options with { Pause = TimeSpan.FromMilliseconds(Number(name, value, 10, 1_000_000)) },
                "--faults" => options with { Faults = value == "none" ? [] : [.. value.Split(',').Select(Fault)] },
                _ => throw new ArgumentException($"There is no option '{name}'; try --help."),
            };
        }
        return options.Mounts.Count > 0 ? options : throw new ArgumentException("--root or --mounts says where the shard is to be; try --help.");
    }

    private static FaultKind Fault(string name) =>
        FaultNames.TryParse(name, out FaultKind kind) ? kind : throw new ArgumentException($"There is no fault '{name}'; try --help.");

    private static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number : throw new ArgumentException($"{name} takes a number from {least} to {most}, not '{text}'.");
}
