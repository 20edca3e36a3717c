using System.Globalization;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Numbers and answers as people read them.</summary>
internal static class Words
{
    public static string Span(TimeSpan span) => span < TimeSpan.FromMilliseconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMicroseconds:0} µs")
        : span < TimeSpan.FromSeconds(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.#} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s");

    public static string Answer(LockResult answer) => answer.Status switch
    {
        LockStatus.Granted => "granted",
        LockStatus.Denied => "refused",
        _ => answer.NativeError == 0 ? $"failed ({answer.Error})" : $"failed ({answer.Error}, error {answer.NativeError})",
    };

    public static string OneLine(string text) => text.ReplaceLineEndings(" ");

    public static string List(IEnumerable<string> items) => string.Join(", ", items);
}
