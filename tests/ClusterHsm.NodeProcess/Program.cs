// A node in a process of its own, for the tests: told what to do on standard input, one command a line, answering each with one line.
//   dotnet exec ClusterHsm.NodeProcess.dll ROOT [outside|stepped|poll=MS] [uid=N] [read-through=no] [store-stops-at=OFFSET] [locks=DRIVER]
// Or one that works and kills itself before the n-th durable step:
//   dotnet exec ClusterHsm.NodeProcess.dll crash ROOT STORE STEP init|archive|release|recall|import|sweep|pin [PATH|EXPORT]…
// Or one that puts links in the place of files, as a user (empty: its own):
//   dotnet exec ClusterHsm.NodeProcess.dll swap UID
using ClusterHsm.NodeProcess;

return args[0] switch
{
    "crash" => await CrashRun.RunAsync(args[1..]),
    "swap" => NameSwapper.Run(args[1]),
    _ => await NodeShell.RunAsync(args[0], NodeShellOptions.Parse(args.AsSpan(1))),
};
