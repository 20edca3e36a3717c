using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Stubs;

/// <summary>An export as text: <c>{"path":…,"mode":"0644","uid":0,"gid":0,"mtime":"…","record":{…}}</c>, and <c>"hmac"</c> last where the shard has a key.</summary>
internal static class StubExportCodec
{
    private const int MaxLength = 64 * 1024;
    private const int PermissionBits = 0xFFF;

    public static string Write(StubExport export)
    {
        StringBuilder text = new();
        text.Append("{\"path\":");
        WriteText(text, export.Path);
        text.Append(CultureInfo.InvariantCulture,
            $",\"mode\":\"{Convert.ToString((int)export.Mode & PermissionBits, 8).PadLeft(4, '0')}\",\"uid\":{export.UserId},\"gid\":{export.GroupId},\"mtime\":\"{export.Modified}\",\"record\":");
        text.Append(Encoding.UTF8.GetString(StubRecordCodec.Encode(export.Record)));
        if (export.Signature is { } signature)
        {
            text.Append(",\"hmac\":");
            WriteText(text, signature);
        }
        return text.Append('}').ToString();
    }

    public static bool TryRead(string line, out StubExport? export, out string? problem)
    {
        export = null;
        problem = null;
        if (line.Length > MaxLength)
        {
            problem = $"it is longer than {MaxLength} characters";
            return false;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 4 });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                problem = "it is not a JSON object";
            else if (root.EnumerateObject().FirstOrDefault(static member => !IsKnown(member)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
                problem = $"it has a member '{unknown.Name}' that an export does not have";
            else
                export = Read(root, out problem);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            problem = $"it is not the JSON of an export: {e.Message.TrimEnd('.')}";
        }
        return export is not null;
    }

    private static bool IsKnown(JsonProperty member) => member.Name is "path" or "mode" or "uid" or "gid" or "mtime" or "record" or "hmac";

    private static StubExport? Read(JsonElement root, out string? problem)
    {
        problem = null;
        string[] missing = [.. new[] { "path", "mode", "uid", "gid", "mtime", "record" }.Where(name => !root.TryGetProperty(name, out _))];
        if (missing.Length > 0)
        {
            problem = $"it lacks '{missing[0]}'";
            return null;
        }
        string path = ReadText(root.GetProperty("path").GetRawText());
        if (path.Length == 0 || path[0] == '/' || path.Contains('\0', StringComparison.Ordinal))
            problem = "its path is not a path below a root";
        string octal = root.GetProperty("mode").GetString() ?? "";
        if (octal.Length is 0 or > 4 || octal.AsSpan().ContainsAnyExceptInRange('0', '7'))
            problem = "its mode is not an octal number of at most four digits";
        if (!ShardTimestamp.TryParse(root.GetProperty("mtime").GetString(), out ShardTimestamp modified))
            problem = "its mtime is not seconds and nine decimal digits";
        if (!StubRecordCodec.TryDecode(Encoding.UTF8.GetBytes(root.GetProperty("record").GetRawText()), out StubRecord? record, out string? fault))
            problem = $"its record cannot be believed: {fault}";
        else if (record!.State == FileState.Regular || record.Size == 0)
            problem = "its record is of a file that has no copy in secondary storage";
        return problem is not null ? null : new StubExport
        {
            Path = path,
            Mode = (UnixFileMode)Convert.ToInt32(octal, 8),
            UserId = root.GetProperty("uid").GetUInt32(),
            GroupId = root.GetProperty("gid").GetUInt32(),
            Modified = modified,
            Record = record!,
            Signature = root.TryGetProperty("hmac", out JsonElement hmac) ? hmac.GetString() : null,
        };
    }

    /// <summary>
    /// Lone surrogates, which stand for bytes of a name that are not UTF-8, make the way as <c>\uXXXX</c>. The JSON library neither
    /// writes nor reads those.
    /// </summary>
    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is >= ' ' and <= '~' and not '"' and not '\\')
                text.Append(c);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        text.Append('"');
    }

    /// <summary>The text of a JSON string that has been found to be well-formed.</summary>
    private static string ReadText(string raw)
    {
        if (raw[0] != '"')
            throw new FormatException("a path is a string");
        StringBuilder text = new(raw.Length);
        for (int i = 1; i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }
            char escape = raw[++i];
            if (escape == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }
            text.Append(escape switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => escape });
        }
        return text.ToString();
    }
}
