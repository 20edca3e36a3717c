// Nodes and migrators in processes of their own on one shard, with faults; every read is compared with what may legally be seen.
//   dotnet run --project tests/ClusterHsm.Torture -c Release -- --root DIR [--seconds S] [--seed X] [--help]
using ClusterHsm.Torture;

if (ChildOptions.Parse(args) is { } child)
    return await ChildProgram.RunAsync(child);
if (args.Contains("--help"))
{
    Console.WriteLine(TortureOptions.Usage);
    return 0;
}
TortureOptions options;
List<FaultKind> kinds = [];
try
{
    options = TortureOptions.Parse(args);
    Place place = new(options);
    foreach (FaultKind kind in options.Faults ?? Enum.GetValues<FaultKind>())
    {
        if (place.WhyNot(kind) is not { } reason)
            kinds.Add(kind);
        else if (options.Faults is null)
            Console.WriteLine($"without {kind.Name()}: {reason}");
        else
            throw new ArgumentException($"The fault {kind.Name()} cannot be shown here: {reason}.");
    }
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return 2;
}
TortureRun run = new(options);
bool isRight = await run.RunAsync(kinds);
run.Dispose(); // not after an exception: who watches the processes would note their end in memory that is gone, and hide it
return isRight ? 0 : 1;
