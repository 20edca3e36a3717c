using System.Globalization;

namespace ClusterHsm.Tool.Output;

/// <summary>The progress of a transfer in one line.</summary>
internal static class TransferLine
{
    /// <param name="doing">What is done, such as <c>recalling</c>.</param>
    /// <param name="status">How far it is.</param>
    /// <param name="path">The last file, or nothing.</param>
    /// <param name="width">Columns that there are; the path gets what is left.</param>
    public static string Draw(string doing, in TransferStatus status, string path, int width)
    {
        List<string> parts = [$"{doing} {Of(Text.Count(status.Files), status.TotalFiles is { } files ? Text.Count(files) : null)} files"];
        if (status.Bytes > 0)
        {
            parts.Add(status.TotalBytes is { } total ? $"{Text.Bytes(status.Progress)} of {Text.Bytes(total)}" : Text.Bytes(status.Bytes));
            if (status.BytesPerSecond is { } rate)
                parts.Add($"{Text.Bytes((long)rate)}/s");
        }
        else if (status.FilesPerSecond is { } rate)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:0.#} files/s"));
        }
        if (status.Left is { } left && status.Files < status.TotalFiles)
            parts.Add($"{Text.Duration(left)} left");
        string line = Columns.Fit(string.Join(", ", parts), width);
        int rest = width - Columns.WidthOf(line) - 2;
        return path.Length == 0 || rest < LeastPath ? line : $"{line}  {Columns.FitEnd(Text.OneLine(path), rest)}";
    }

    /// <summary>Columns; less of a path says nothing.</summary>
    private const int LeastPath = 8;

    private static string Of(string done, string? total) => total is null ? done : $"{done} of {total}";
}
