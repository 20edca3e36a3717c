namespace ClusterHsm.ClusterDemo;

/// <summary>One line of statistics of a child: <c>key=value</c> pairs with blanks between.</summary>
internal sealed class StatLine
{
    private readonly Dictionary<string, string> _values = [];

    public static StatLine Empty { get; } = new();

    public string this[string key] => _values.GetValueOrDefault(key, "");

    public long Number(string key) => long.TryParse(this[key], out long number) ? number : 0;

    public static StatLine Parse(string text)
    {
        var line = new StatLine();
        foreach (string pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int sign = pair.IndexOf('=');
            if (sign > 0)
                line._values[pair[..sign]] = pair[(sign + 1)..];
        }
        return line;
    }
}
