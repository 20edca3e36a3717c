namespace ClusterHsm.Stubs;

/// <summary>The fields of a record, in the order in which they are written, and the words that stand in them.</summary>
internal static class StubRecordFields
{
    public const string HmacPrefix = "hmac-sha256:";
    public const int HmacLength = 12 + 64;

    /// <summary>The index of a name is the field's number.</summary>
    public static ReadOnlySpan<string> Names => s_names;

    public const int Format = 0, State = 1, Releases = 2, Shard = 3, Store = 4, Key = 5, Size = 6, Modified = 7, Changed = 8, Digest = 9, Hmac = 10;

    private static readonly string[] s_names =
        ["clusterhsm", "state", "releases", "shard", "store", "key", "size", "mtime", "ctime", "digest", "hmac"];

    public static string Word(FileState state) => state switch
    {
        FileState.Regular => "regular",
        FileState.Archived => "archived",
        FileState.Released => "released",
        FileState.Recalling => "recalling",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static bool TryParseWord(ReadOnlySpan<char> word, out FileState state)
    {
        (bool known, state) = word switch
        {
            "regular" => (true, FileState.Regular),
            "archived" => (true, FileState.Archived),
            "released" => (true, FileState.Released),
            "recalling" => (true, FileState.Recalling),
            _ => (false, default),
        };
        return known;
    }
}
