using ClusterHsm.ClusterDemo;

// The demo starts itself again in the roles of a node and of a migrator; without a role it is the parent that directs them.
return args switch
{
    [NodeProcess.Role, var number, var folder] => await NodeProcess.RunAsync(int.Parse(number), new Workspace(folder)),
    [MigratorProcess.Role, var folder] => await MigratorProcess.RunAsync(new Workspace(folder)),
    _ => await Demo.RunAsync(args),
};
