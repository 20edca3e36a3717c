// Two processes on one folder: this one migrates and recalls the same 500 files in a loop, a child reads them with checks.
//   dotnet run --project tests/ClusterHsm.Endurance -c Release -- [SECONDS] [FOLDER]
// Exit status 1 on any mismatch or error, and if nothing was released, recalled by each of the two, or read from the cache.
using ClusterHsm.Endurance;

return args is ["reader", string root, string seed, string seconds]
    ? await Reader.RunAsync(root, int.Parse(seed), TimeSpan.FromSeconds(double.Parse(seconds)))
    : await Migrator.RunAsync(TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0]) : 300), args.Length > 1 ? args[1] : Path.GetTempPath());
