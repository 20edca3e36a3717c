namespace ClusterHsm.ClusterDemo;

/// <summary>What a file must be, as found when it was copied.</summary>
/// <param name="Path">Relative to the shard's root.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Digest">SHA-256 of the whole file.</param>
internal sealed record ManifestEntry(string Path, int Length, byte[] Digest);

/// <summary>The truth that readers compare with. Even entries are hot and stay; odd ones are cold and are migrated.</summary>
internal sealed class Manifest(IReadOnlyList<ManifestEntry> entries)
{
    public IReadOnlyList<ManifestEntry> Entries { get; } = entries;

    public ManifestEntry[] Hot { get; } = [.. entries.Where((_, index) => index % 2 == 0)];

    public ManifestEntry[] Cold { get; } = [.. entries.Where((_, index) => index % 2 == 1)];

    public long Bytes => Entries.Sum(entry => (long)entry.Length);

    public int LongestFile => Entries.Max(entry => entry.Length);

    public void Save(string path) =>
        File.WriteAllLines(path, Entries.Select(entry => $"{Convert.ToHexString(entry.Digest)} {entry.Length} {entry.Path}"));

    public static Manifest Load(string path) =>
        new([.. File.ReadLines(path).Select(line => line.Split(' ', 3))
            .Select(part => new ManifestEntry(part[2], int.Parse(part[1]), Convert.FromHexString(part[0])))]);
}
