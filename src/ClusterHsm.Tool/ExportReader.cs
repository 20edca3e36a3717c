using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ClusterHsm.Stubs;

namespace ClusterHsm.Tool;

/// <summary>What <c>clusterhsm export</c> wrote, or what is taken for it.</summary>
/// <param name="input">Its bytes; a mark of their encoding, with which Windows begins files, is passed over.</param>
/// <param name="name">What messages call it.</param>
internal sealed partial class ExportReader(Stream input, string name) : IDisposable
{
    /// <summary>A file of which so many lines, and no other, are no exports is something else: a program, a picture.</summary>
    private const int MostStrangeLines = 20;

    private readonly StreamReader _lines = new(input);

    public bool CanBeReadTwice => input.CanSeek;

    /// <summary>The exports of all lines that hold one.</summary>
    /// <param name="refuse">Told of each of the others, and of a file that is given up.</param>
    public IEnumerable<StubExport> Read(Action<InvalidRecordException> refuse)
    {
        int strange = 0;
        bool isExport = false;
        for (long number = 1; _lines.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (TryParse(line, out StubExport? export, out string? problem))
            {
                isExport = true;
                yield return export!;
                continue;
            }
            refuse(new InvalidRecordException($"{name}, line {number}", $"it is no export: {problem}", "Nothing was made of this line. Export it again"));
            if (isExport || ++strange < MostStrangeLines)
                continue;
            refuse(new InvalidRecordException(name, $"none of its first {MostStrangeLines} lines is an export, and the others were not read",
                "Nothing was made of it. Name what 'clusterhsm export' has written"));
            yield break;
        }
    }

    public void Dispose() => _lines.Dispose();

    private static bool TryParse(string line, out StubExport? export, out string? problem)
    {
        export = null;
        // An export writes this character as an escape. By itself it stands for bytes that are lost, and the path would be another file's.
        int lost = line.IndexOf((char)Rune.ReplacementChar.Value, StringComparison.Ordinal);
        if (lost >= 0)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"its character {lost + 1} is not UTF-8, or stands for one that was not");
            return false;
        }
        if (StubExport.TryParse(line, out export, out problem))
            return true;
        // The parser counts lines, too, and has seen only this one.
        problem = ParserPosition().Replace(problem!, "");
        return false;
    }

    [GeneratedRegex(@"\.? LineNumber: \d+ \| BytePositionInLine: \d+")]
    private static partial Regex ParserPosition();
}
