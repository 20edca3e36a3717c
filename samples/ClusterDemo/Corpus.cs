using System.Security.Cryptography;

namespace ClusterHsm.ClusterDemo;

/// <summary>Copies real files into the shard and writes down their digests.</summary>
internal static class Corpus
{
    private const int MaxFiles = 2_000;
    private const long MaxBytes = 200_000_000;
    private const long MinLength = 4 * 1024;

    /// <summary>A file may be this many times as long as the budget has room for on average, so that the total comes near it.</summary>
    private const long LengthOverAverage = 30;

    /// <exception cref="InvalidOperationException">There are too few files to show anything.</exception>
    public static Manifest Copy(string from, string shard, CancellationToken cancellationToken)
    {
        var entries = new List<ManifestEntry>();
        foreach (string source in Choose(from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] data = File.ReadAllBytes(source);
            string path = Path.GetRelativePath(from, source);
            string target = Path.Combine(shard, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, data);
            entries.Add(new ManifestEntry(path, data.Length, SHA256.HashData(data)));
        }
        return entries.Count >= 100
            ? new Manifest(entries)
            : throw new InvalidOperationException(
                $"{from} has only {entries.Count} files of {MinLength} bytes or more that fit; choose a folder with at least 100 by --from.");
    }

    private static IEnumerable<string> Choose(string from)
    {
        var every = new EnumerationOptions
        {
            RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint,
        };
        FileInfo[] candidates = [.. new DirectoryInfo(from).EnumerateFiles("*", every)
            .Where(file => file.Length >= MinLength && !file.FullName.Contains('\n'))
            .OrderBy(file => file.FullName, StringComparer.Ordinal)];
        new Random(2026).Shuffle(candidates);

        long bytesLeft = MaxBytes;
        int filesLeft = MaxFiles;
        foreach (FileInfo file in candidates)
        {
            if (filesLeft == 0)
                yield break;
            if (file.Length > bytesLeft || file.Length > bytesLeft / filesLeft * LengthOverAverage)
                continue;
            bytesLeft -= file.Length;
            filesLeft--;
            yield return file.FullName;
        }
    }
}
