// The tests; or, as "lock-holder ROOT", the second process of those that need one.
using ClusterHsm.WindowsTests;
using Microsoft.Testing.Platform.Builder;

if (args is ["lock-holder", string root])
    return LockHolder.Run(root);

ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(args);
SelfRegisteredExtensions.AddSelfRegisteredExtensions(builder, args);
using ITestApplication application = await builder.BuildAsync();
return await application.RunAsync();
