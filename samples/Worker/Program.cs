// A service that reads the files of a shard, and tells how it is and what it does:
//
//   dotnet run --project samples/Worker -- --ClusterHsm:Volumes:projects:Root=/mnt/projects --urls http://127.0.0.1:8080
//
// GET /health is 200 or 503 with the reason; GET /metrics is Prometheus' text format.

using ClusterHsm.Worker;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

builder.Services.AddClusterHsm(builder.Configuration);
builder.Services.AddHealthChecks().AddClusterHsm(configure: options => options.StrictForTooLong = TimeSpan.FromMinutes(5));
builder.Services.AddHostedService<Reader>();
builder.Services.AddSingleton<PrometheusText>();

WebApplication app = builder.Build();
// Made now, so that it hears of everything.
PrometheusText metrics = app.Services.GetRequiredService<PrometheusText>();
app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthJson.WriteAsync });
app.MapGet("/metrics", () => Results.Text(metrics.Write(), "text/plain; version=0.0.4"));
app.Run();
