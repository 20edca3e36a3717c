using ClusterHsm.Tool;

return await CommandLine.RunAsync(RawArguments.Of(args));
