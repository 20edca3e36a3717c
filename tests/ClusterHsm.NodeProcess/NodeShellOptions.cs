using System.Globalization;
using ClusterHsm.FileSystem;

namespace ClusterHsm.NodeProcess;

/// <summary>What is special about a node process.</summary>
internal sealed record NodeShellOptions
{
    /// <summary>It does not join as a node.</summary>
    public bool IsOutside { get; init; }

    /// <summary>How often it polls; null: only when it is told to.</summary>
    public TimeSpan? PollInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The user that it becomes before it opens the shard.</summary>
    public uint? UserId { get; init; }

    /// <summary>Whether a stub that it may not write is read through.</summary>
    public bool ReadsThrough { get; init; } = true;

    /// <summary>A read of an object at or after this offset never ends; it is told of by the event <c>store</c>.</summary>
    public long? StoreStopsAt { get; init; }

    /// <summary>Which locks it takes; null: the best that there are.</summary>
    public LockDriver? Locks { get; init; }

    public static NodeShellOptions Parse(ReadOnlySpan<string> words)
    {
        NodeShellOptions options = new();
        foreach (string word in words)
        {
            string[] parts = word.Split('=', 2);
            options = (parts[0], parts.Length > 1 ? parts[1] : "") switch
            {
                ("outside", _) => options with { IsOutside = true },
                ("stepped", _) => options with { PollInterval = null },
                ("poll", var value) => options with { PollInterval = TimeSpan.FromMilliseconds(Number(value)) },
                ("uid", var value) => options with { UserId = (uint)Number(value) },
                ("read-through", "no") => options with { ReadsThrough = false },
                ("store-stops-at", var value) => options with { StoreStopsAt = Number(value) },
                ("locks", var value) => options with { Locks = Enum.Parse<LockDriver>(value) },
                _ => throw new ArgumentException($"'{word}' is no option."),
            };
        }
        return options;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
