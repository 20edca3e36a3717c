using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClusterHsm.Worker;

/// <summary>A health report as JSON: the status, the reason, and the data of each volume.</summary>
internal static class HealthJson
{
    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter json = new(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        foreach ((string name, HealthReportEntry entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", entry.Status.ToString());
            if (entry.Description is { } reason)
                json.WriteString("reason", reason);
            foreach ((string key, object value) in entry.Data)
                json.WriteString(key, value.ToString());
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
