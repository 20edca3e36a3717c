using System.Globalization;
using ClusterHsm.FileSystem;

namespace ClusterHsm.WindowsTests;

/// <summary>Opens and locks files of a shard as standard input says, one command a line, until that ends. Answers each with a line.</summary>
internal static class LockHolder
{
    public static int Run(string root)
    {
        using IShardFileSystem shard = ShardFileSystem.Open(root);
        IShardFile? file = null;
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split('\t');
            Console.WriteLine(words[0] switch
            {
                "open" => Open(words[1], words[2]),
                "lock" => file!.TryLock(RangeOf(words), Enum.Parse<LockKind>(words[3])).Status.ToString(),
                "query" => file!.QueryLock(RangeOf(words), Enum.Parse<LockKind>(words[3])).Status.ToString(),
                "unlock" => file!.Unlock(RangeOf(words)).Status.ToString(),
                "write" => Write(words[1]),
                "inode" => file!.Identity.Inode.ToString(CultureInfo.InvariantCulture),
                _ => throw new ArgumentException($"'{words[0]}' is no command."),
            });
        }
        file?.Dispose();
        return 0;

        string Open(string name, string options)
        {
            file?.Dispose();
            file = shard.Open(name, Enum.Parse<ShardOpenOptions>(options));
            return "open";
        }

        string Write(string text)
        {
            file!.Write(System.Text.Encoding.UTF8.GetBytes(text), 0);
            return "written";
        }
    }

    private static LockRange RangeOf(string[] words) =>
        new(long.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture));
}
