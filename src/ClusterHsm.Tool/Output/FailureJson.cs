using System.Text.Json;

namespace ClusterHsm.Tool.Output;

/// <summary>A failure as a JSON object, with the members that every file's outcome has.</summary>
internal static class FailureJson
{
    public static void Write(Utf8JsonWriter line, string path, string reason)
    {
        line.WriteName("path", path);
        line.WriteString("action", "failed");
        line.WriteNumber("bytes", 0);
        line.WriteName("reason", reason);
    }
}
