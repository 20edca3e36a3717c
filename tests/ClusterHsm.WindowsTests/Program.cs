// The tests; or, as "lock-holder ROOT", the second process of those that need one; or, as "clusterhsm …", the command.
using ClusterHsm.Tool;
using ClusterHsm.WindowsTests;
using Microsoft.Testing.Platform.Builder;

if (args is ["lock-holder", string root])
    return LockHolder.Run(root);
if (args is ["clusterhsm", .. string[] line])
    return await CommandLine.RunAsync(line);

ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(args);
SelfRegisteredExtensions.AddSelfRegisteredExtensions(builder, args);
using ITestApplication application = await builder.BuildAsync();
return await application.RunAsync();
