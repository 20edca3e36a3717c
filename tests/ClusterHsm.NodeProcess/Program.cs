// A node in a process of its own, for the tests: told what to do on standard input, one command a line, answering each with one line.
//   dotnet exec ClusterHsm.NodeProcess.dll ROOT [outside|stepped|poll=MS] [uid=N] [read-through=no] [store-stops-at=OFFSET] [locks=DRIVER]
// Or one that works and kills itself before the n-th durable step:
//   dotnet exec ClusterHsm.NodeProcess.dll crash ROOT STORE STEP init|archive|release|recall|import|sweep|pin [PATH|EXPORT]…
using ClusterHsm.NodeProcess;

return args[0] == "crash" ? await CrashRun.RunAsync(args[1..]) : await NodeShell.RunAsync(args[0], NodeShellOptions.Parse(args.AsSpan(1)));
