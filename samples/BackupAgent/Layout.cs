namespace ClusterHsm.BackupAgent;

/// <summary>What is where in a backup.</summary>
internal static class Layout
{
    public static string Data(string backup, string path = "") => Path.Combine(backup, "data", path);

    public static string Stubs(string backup) => Path.Combine(backup, "stubs.jsonl");
}
