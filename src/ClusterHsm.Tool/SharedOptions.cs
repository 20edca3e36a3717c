using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace ClusterHsm.Tool;

/// <summary>Arguments and options that several commands have, with the same words.</summary>
internal static class SharedOptions
{
    public static Argument<string[]> Paths() => new("PATH")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = "Files on a shard; with --recursive also folders. The shard is found from the path.",
    };

    public static Option<bool> Recursive() => new("--recursive", "-r")
    {
        Description = "Take all regular files below each folder. Symbolic links are not followed.",
    };

    /// <summary>
    /// Reads an option's number, and says the rule where it is none or breaks it. The parser's own conversion throws when a validator asks
    /// for what cannot be converted, and its words for that name types of .NET.
    /// </summary>
    public static Func<ArgumentResult, T> Number<T>(string option, Func<T, bool> isGood, string rule)
        where T : struct, INumber<T> => result =>
    {
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (result.Tokens is [{ Value: string text }] && T.TryParse(text, Styles, CultureInfo.InvariantCulture, out T value) && isGood(value))
            return value;
        result.AddError($"{option}: {rule}.");
        return default;
    };

    public static Option<bool> Json() => new("--json")
    {
        Description = "Write one JSON object a line to standard output, for programs.",
    };
}
