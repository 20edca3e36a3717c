using System.Globalization;
using System.Security.Cryptography;
using ClusterHsm.Migration;

namespace ClusterHsm.Tests.Volume;

/// <summary>A shard and its store in two fresh folders, with a short lease.</summary>
internal sealed class LocalShard : IDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(400);

    private readonly IReadOnlyList<NodePlace> _nodes;
    private readonly string _folder;
    private int _nodesPlaced;

    /// <param name="storeFolder">Another shard's store, to share; null for one of its own.</param>
    /// <param name="lease">Null for the usual one.</param>
    /// <param name="prepareRoot">Called with the root before it becomes a shard.</param>
    /// <param name="nodes">
    /// Where the shard is seen by one node after the other, for this process first; they take turns. Null: a folder that is the same for all.
    /// </param>
    /// <param name="below">The folder to make both in; null for the usual one.</param>
    /// <param name="isMade">Whether the root is made a shard.</param>
    /// <param name="signRecords">Whether it gets a key.</param>
    public LocalShard(
        string? storeFolder = null, TimeSpan? lease = null, Action<string>? prepareRoot = null, IReadOnlyList<NodePlace>? nodes = null,
        string? below = null, bool isMade = true, bool signRecords = false)
    {
        _folder = below is null
            ? Directory.CreateTempSubdirectory("clusterhsm-").FullName
            : Directory.CreateDirectory(Path.Combine(below, Guid.NewGuid().ToString("N"))).FullName;
        _nodes = nodes ?? [new NodePlace(Path.Combine(_folder, "shard"), [])];
        StoreFolder = storeFolder ?? Path.Combine(_folder, "store");
        Directory.CreateDirectory(Root);
        prepareRoot?.Invoke(Root);
        if (!isMade)
            return;
        HsmShard.Initialize(Root, new Uri(StoreFolder), new ShardInitializeOptions
        {
            LeaseDuration = lease ?? Lease,
            ClockDriftMargin = TimeSpan.FromMilliseconds(50),
            SignRecords = signRecords,
        });
    }

    /// <summary>The root as this process sees it.</summary>
    public string Root => _nodes[0].Root;

    public string StoreFolder { get; }

    /// <summary>No settle time: the tests own every writer.</summary>
    public static MigrationOptions AtOnce { get; } = new() { SettleTime = TimeSpan.Zero };

    public static HsmVolumeOptions OutsideTheCluster { get; } = new() { JoinAsNode = false };

    /// <summary>Where the next process that is another node belongs: another mount, where there are several.</summary>
    public NodePlace PlaceNode() => _nodes[_nodes.Count == 1 ? 0 : 1 + (Interlocked.Increment(ref _nodesPlaced) - 1) % (_nodes.Count - 1)];

    public string PathOf(string name) => Path.Combine(Root, name);

    public byte[] Write(string name, int length)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(length);
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
        return bytes;
    }

    /// <summary>Until a write now gets another time than one before: file times move in ticks.</summary>
    public async Task TickAsync()
    {
        string probe = PathOf(".clusterhsm/nodes/tick");
        File.WriteAllBytes(probe, []);
        DateTime before = File.GetLastWriteTimeUtc(probe);
        do
        {
            await Task.Delay(1);
            File.WriteAllBytes(probe, [1]);
        }
        while (File.GetLastWriteTimeUtc(probe) == before);
        File.Delete(probe);
    }

    public ValueTask<HsmVolume> OpenAsync(HsmVolumeOptions? options = null) => HsmVolume.OpenAsync(Root, options ?? OutsideTheCluster);

    public IEnumerable<string> Objects() => Directory.EnumerateFiles(Path.Combine(StoreFolder, "objects"), "*", SearchOption.AllDirectories);

    /// <summary>What is on its way into the store, or was cut off.</summary>
    public IEnumerable<string> Uploads() => Directory.EnumerateFiles(Path.Combine(StoreFolder, "tmp"));

    /// <summary>Lets other users read the shard and the store, as they would on a real one.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void AdmitOthers()
    {
        const UnixFileMode Everyone = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(_folder, Everyone);
        foreach (string folder in Directory.EnumerateDirectories(_folder, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(folder, Everyone);
        foreach (string file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
    }

    /// <summary>For a sweep the same as waiting: every orphan has been one for longer by as much.</summary>
    public void LetOrphansAge(TimeSpan time)
    {
        string marks = PathOf(".clusterhsm/orphans");
        string[] lines = File.ReadAllLines(marks);
        for (int i = 1; i < lines.Length; i++)
        {
            string[] words = lines[i].Split(' ');
            lines[i] = $"{words[0]} {long.Parse(words[1], CultureInfo.InvariantCulture) - (long)time.TotalSeconds}";
        }
        File.WriteAllLines(marks, lines);
    }

    public void Dispose()
    {
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Where a node runs.</summary>
/// <param name="Root">The shard as it sees it.</param>
/// <param name="Command">What its program is started by; empty: by nothing.</param>
internal sealed record NodePlace(string Root, IReadOnlyList<string> Command)
{
    /// <summary>The node's program there; null: ClusterHsm.NodeProcess of this build, by <c>dotnet exec</c>.</summary>
    public IReadOnlyList<string>? Program { get; init; }

    /// <summary>Whether it is another computer, where a signal has to be sent by a command, too.</summary>
    public bool IsElsewhere { get; init; }
}

internal static class ReadAll
{
    public static async Task<byte[]> ReadAllAsync(this HsmVolume volume, string path, StubAccess access = StubAccess.Recall)
    {
        await using HsmFile file = await volume.OpenFileAsync(path, new HsmOpenOptions { StubAccess = access });
        using MemoryStream copy = new();
        await file.AsStream().CopyToAsync(copy);
        return copy.ToArray();
    }
}
