using System.Globalization;

namespace ClusterHsm.Endurance;

/// <summary>What the reader tells in its last line.</summary>
/// <param name="Reads">Reads, each of a whole file and compared.</param>
/// <param name="CacheHits">Opens that needed no look.</param>
/// <param name="StrictLooks">Looks under a lock.</param>
/// <param name="Recalls">Stubs that it brought back.</param>
/// <param name="ModeChanges">Changes of mode.</param>
/// <param name="Errors">Reads that failed.</param>
/// <param name="Mismatches">Reads with wrong bytes.</param>
internal sealed record ReaderResult(long Reads, long CacheHits, long StrictLooks, long Recalls, long ModeChanges, long Errors, long Mismatches)
{
    private const string Word = "reader";

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Word} {Reads} {CacheHits} {StrictLooks} {Recalls} {ModeChanges} {Errors} {Mismatches}");

    /// <summary>Null if the line is no result: the reader did not get to its end.</summary>
    public static ReaderResult? TryParse(string? line) =>
        line?.Split(' ') is [Word, .. { Length: 7 } words] && Array.ConvertAll(words, word => long.Parse(word, CultureInfo.InvariantCulture)) is var n
            ? new ReaderResult(n[0], n[1], n[2], n[3], n[4], n[5], n[6])
            : null;
}
