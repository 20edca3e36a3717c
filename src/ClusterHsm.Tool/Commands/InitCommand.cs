using System.CommandLine;
using ClusterHsm.Coordination;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm init</c>.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        Argument<string> root = new("ROOT") { Description = "The folder that is to be the shard's root; it may hold files already." };
        Option<string> store = new("--store")
        {
            Required = true,
            HelpName = "URI",
            Description = "Where migrated data goes, for instance file:///backup/store. All computers must reach it by the same name. It is made if the place is empty.",
        };
        store.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out _))
                result.AddError("--store: a store's location is an absolute URI, such as file:///backup/store.");
        });
        Option<bool> sign = new("--sign")
        {
            Description = "Give the shard a key of its own, .clusterhsm/key, for its owner and --group, and sign every record with it: a record made or changed by who may not read the key is refused. For a shard on which users do not trust each other. It cannot be changed later.",
        };
        Option<string?> group = new("--group")
        {
            HelpName = "NAME",
            Description = "A group, by name or number, whose members may migrate too; else only you and root may.",
        };
        group.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && GroupName.NumberOf(name, out string problem) is null)
                result.AddError($"--group: {problem}.");
        });
        Option<bool> json = SharedOptions.Json();
        ToolCommand command = new("init", "Make a folder a shard: adds the folder .clusterhsm to it and touches no file.",
            "clusterhsm init /mnt/shared --store file:///backup/store --sign") { root, store, sign, group, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(root) is "")
                result.AddError("ROOT: the path is empty.");
            if (result.GetValue(root) is { Length: > 0 } path && Uri.TryCreate(result.GetValue(store), UriKind.Absolute, out Uri? uri)
                && uri.IsFile && FullPath.OrNull(path) is { } folder && IsAtOrBelow(folder, Path.GetFullPath(uri.LocalPath)))
                result.AddError("--store: the store lies in the shard, where its objects would be migrated too. Put it elsewhere.");
        });
        CommandRun.Set(command, json, (run, parsed, _) =>
        {
            run.OutlivesReader = true;
            string path = FullPath.Of(parsed.GetRequiredValue(root));
            ShardDescriptor made = HsmShard.Initialize(path, new Uri(parsed.GetRequiredValue(store), UriKind.Absolute),
                new ShardInitializeOptions
                {
                    SignRecords = parsed.GetValue(sign),
                    MigratorGroupId = parsed.GetValue(group) is { } name ? GroupName.NumberOf(name, out string _) : null,
                });
            if (run.Json is { } lines)
            {
                lines.Write(line =>
                {
                    line.WriteName("root", path);
                    line.WriteString("shardId", made.ShardId);
                    line.WriteName("store", made.StoreLocation.ToString());
                    line.WriteBoolean("signed", made.KeyId is not null);
                });
            }
            else
            {
                Console.Out.WriteLine($"{Text.OneLine(path)} is now shard {made.ShardId}; its store is {Text.OneLine(made.StoreLocation.ToString())}");
            }
            return Task.CompletedTask;
        });
        return command;
    }

    private static bool IsAtOrBelow(string folder, string path) =>
        (Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar).StartsWith(
            Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar,
            OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
