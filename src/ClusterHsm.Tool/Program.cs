using ClusterHsm.Tool;

return await CommandLine.RunAsync(args);
