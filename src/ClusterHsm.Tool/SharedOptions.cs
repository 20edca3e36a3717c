using System.CommandLine;

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

    public static Option<bool> Json() => new("--json")
    {
        Description = "Write one JSON object a line to standard output, for programs.",
    };
}
