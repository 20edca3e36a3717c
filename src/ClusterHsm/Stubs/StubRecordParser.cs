using System.Text;
using System.Text.Json;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using static ClusterHsm.Stubs.StubRecordFields;

namespace ClusterHsm.Stubs;

/// <summary>Reads the fields of a record from bytes that nobody vouches for, and says in words what is wrong with them.</summary>
internal ref struct StubRecordParser
{
    private const int LongestText = 80;

    private Utf8JsonReader _reader;
    private uint _seen;
    private FileState _state;
    private long _releases, _size;
    private Guid _shard, _store;
    private ObjectKey _key;
    private ShardTimestamp _modified, _changed;
    private ContentDigest _digest;
    private string? _hmac;

    /// <summary>Reads the fields. Never throws.</summary>
    /// <param name="bytes">What the attribute holds.</param>
    /// <param name="record">The record, if every field is there once and in its range.</param>
    /// <param name="hmac">The signature, not checked, or null if there is none.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out StubRecord? record, out string? hmac, out string? problem)
    {
        (record, hmac) = (null, null);
        if (bytes.IsEmpty)
            problem = "it is empty";
        else if (bytes.Length > StubRecordCodec.MaxLength)
            problem = $"it has {bytes.Length} bytes, more than the {StubRecordCodec.MaxLength} that a record can have";
        else
        {
            StubRecordParser parser = new() { _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 1 }) };
            problem = parser.Parse();
            if (problem is null)
                (record, hmac) = (parser.Record(), parser._hmac);
        }
        return problem is null;
    }

    private string? Parse()
    {
        try
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
                return "it is not a JSON object";
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadField() is { } problem)
                    return problem;
            }
            // A second token after the object makes the reader throw: bytes may not follow.
            _reader.Read();
        }
        catch (JsonException exception)
        {
            return $"it is not a JSON object of plain values (byte {exception.BytePositionInLine ?? 0})";
        }
        for (int field = 0; field < Hmac; field++)
        {
            if ((_seen & (1u << field)) == 0)
                return $"the field '{Names[field]}' is missing";
        }
        return null;
    }

    private string? ReadField()
    {
        int field = FindField();
        // The version comes first, so that nothing a newer version may have changed is judged before it.
        if (_seen == 0 && field != Format)
            return "it does not begin with the format version, 'clusterhsm'";
        if (field < 0)
            return $"the field '{Printable(_reader.ValueSpan)}' is unknown";
        if ((_seen & (1u << field)) != 0)
            return $"the field '{Names[field]}' is there twice";
        _seen |= 1u << field;
        _reader.Read();
        if (field is Format or Releases or Size)
            return ReadNumber(field);
        return ReadText(field) ? null : $"the field '{Names[field]}' is not {Expected(field)}";
    }

    private readonly int FindField()
    {
        for (int field = 0; field < Names.Length; field++)
        {
            if (!_reader.ValueIsEscaped && _reader.ValueTextEquals(Names[field]))
                return field;
        }
        return -1;
    }

    private string? ReadNumber(int field)
    {
        if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out long number))
            return $"the field '{Names[field]}' is not a whole number";
        switch (field)
        {
            case Format when number > StubRecordCodec.FormatVersion:
                return $"it has format version {number}, and this version of ClusterHsm reads no more than {StubRecordCodec.FormatVersion}";
            case Format:
                return number == StubRecordCodec.FormatVersion ? null : $"it has the unknown format version {number}";
            case Releases:
                _releases = number;
                break;
            default:
                _size = number;
                break;
        }
        return number < 0 ? $"the field '{Names[field]}' is negative" : null;
    }

    private bool ReadText(int field)
    {
        if (_reader.TokenType != JsonTokenType.String || _reader.ValueIsEscaped || _reader.ValueSpan.Length > LongestText)
            return false;
        Span<char> buffer = stackalloc char[LongestText];
        if (Ascii.ToUtf16(_reader.ValueSpan, buffer, out int length) != System.Buffers.OperationStatus.Done)
            return false;
        ReadOnlySpan<char> text = buffer[..length];
        switch (field)
        {
            case State: return TryParseWord(text, out _state);
            case Shard: return TryParseGuid(text, out _shard);
            case Store: return TryParseGuid(text, out _store);
            case Key: return !text.ContainsAnyExcept("0123456789abcdef/") && ObjectKey.TryParse(text, out _key);
            case Modified: return TryParseTime(text, out _modified);
            case Changed: return TryParseTime(text, out _changed);
            case Digest: return ContentDigest.TryParse(text, out _digest);
            default:
                _hmac = text.ToString();
                return length == HmacLength && text.StartsWith(HmacPrefix, StringComparison.Ordinal)
                    && !text[HmacPrefix.Length..].ContainsAnyExcept("0123456789abcdef");
        }
    }

    private static bool TryParseGuid(ReadOnlySpan<char> text, out Guid guid)
    {
        guid = default;
        return text.Length == 32 && !text.ContainsAnyExcept("0123456789abcdef") && Guid.TryParseExact(text, "N", out guid);
    }

    private static bool TryParseTime(ReadOnlySpan<char> text, out ShardTimestamp time) =>
        ShardTimestamp.TryParse(text, out time) && text.SequenceEqual(time.ToString());

    private static string Expected(int field) => field switch
    {
        State => "one of regular, archived, released, recalling",
        Key => "two times 32 lower-case hexadecimal digits with a '/' between",
        Modified or Changed => "a time in seconds with nine digits after the point",
        Digest => "'sha256:' and 64 lower-case hexadecimal digits",
        Hmac => "'hmac-sha256:' and 64 lower-case hexadecimal digits",
        _ => "32 lower-case hexadecimal digits",
    };

    // The name goes into messages and logs: nothing in it may break a line or steer a terminal.
    private static string Printable(ReadOnlySpan<byte> name)
    {
        const int shown = 32;
        StringBuilder text = new(shown + 1);
        foreach (byte b in name[..Math.Min(name.Length, shown)])
            text.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        return name.Length > shown ? text.Append('…').ToString() : text.ToString();
    }

    private readonly StubRecord Record() => new()
    {
        State = _state,
        ReleaseCount = _releases,
        ShardId = _shard,
        StoreId = _store,
        Key = _key,
        Size = _size,
        Modified = _modified,
        Changed = _changed,
        Digest = _digest,
    };
}
