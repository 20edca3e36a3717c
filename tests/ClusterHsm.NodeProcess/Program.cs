// A node in a process of its own, for the tests: told what to do on standard input, one command a line, answering each with one line.
//   dotnet exec ClusterHsm.NodeProcess.dll ROOT [outside|stepped|poll=MS] [uid=N] [read-through=no] [store-stops-at=OFFSET]
using ClusterHsm.NodeProcess;

return await NodeShell.RunAsync(args[0], NodeShellOptions.Parse(args.AsSpan(1)));
