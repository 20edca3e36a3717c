namespace ClusterHsm.ClusterDemo;

/// <summary>What the user can choose.</summary>
/// <param name="From">The folder whose files are copied into the shard.</param>
/// <param name="Work">The folder in which the temporary shard and store are made.</param>
internal sealed record DemoOptions(string From, string Work)
{
    public const string Usage = """
        ClusterDemo: three nodes read and check files while a migrator moves half of them to secondary storage.

          --from DIR   copy files out of DIR (up to 2,000 files, 200 MB); default: the installed .NET SDK
          --work DIR   make the temporary shard and store below DIR; default: the folder for temporary files
          --help       this text

        Nothing in DIR is changed, and the temporary folder is removed at the end.
        Exit code: 0 if every byte was right and all that was to be shown has happened, 1 if not or if something failed,
        2 for a wrong option.
        """;

    /// <exception cref="ArgumentException">An option is unknown, or its folder does not exist.</exception>
    public static DemoOptions Parse(string[] args)
    {
        var options = new DemoOptions(DotnetRoot(), Path.GetTempPath());
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--from" => options with { From = Folder(args, ++i) },
                "--work" => options with { Work = Folder(args, ++i) },
                _ => throw new ArgumentException($"There is no option '{args[i]}'; try --help."),
            };
        }
        return options;
    }

    private static string Folder(string[] args, int index)
    {
        if (index >= args.Length)
            throw new ArgumentException($"{args[index - 1]} needs a folder.");
        string folder = Path.GetFullPath(args[index]);
        return Directory.Exists(folder) ? folder : throw new ArgumentException($"{args[index - 1]}: there is no folder {folder}.");
    }

    /// <summary>The runtime lies in <c>root/shared/Microsoft.NETCore.App/version</c>.</summary>
    private static string DotnetRoot() =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
}
