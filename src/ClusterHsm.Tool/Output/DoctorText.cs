using ClusterHsm.Coordination;
using ClusterHsm.Diagnostics;

namespace ClusterHsm.Tool.Output;

/// <summary>Findings of the doctor, as lines and as JSON.</summary>
internal sealed class DoctorText(CommandRun run) : IProgress<DoctorFinding>
{
    public void Report(DoctorFinding value)
    {
        if (run.Json is { } lines)
            Write(lines, value);
        else
            Console.Out.WriteLine(Line(value));
    }

    public static void Finish(CommandRun run, DoctorReport report)
    {
        if (run.Json is { } lines)
        {
            lines.Write(line =>
            {
                line.WriteName("root", report.Root);
                line.WriteString("shardId", report.ShardId?.ToString());
                line.WriteName("fileSystem", report.FileSystemType);
                line.WriteString("mode", Camel(report.Mode));
                line.WriteString("waitingRule", Camel(report.WaitingRule));
                line.WriteStartArray("signalRequests");
                foreach (SignalRequest request in report.SignalRequests)
                    line.WriteStringValue(Camel(request));
                line.WriteEndArray();
                line.WriteBoolean("isHealthy", report.IsHealthy);
                line.WriteName("conclusion", report.Conclusion);
            });
        }
        else
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(Text.OneLine(report.Conclusion));
        }
        foreach (HsmException failure in report.Failures)
            run.Failures.Add(failure);
    }

    private static string Line(DoctorFinding finding)
    {
        string verdict = finding.Verdict switch
        {
            DoctorVerdict.Holds => "holds",
            DoctorVerdict.DoesNotHold => "does not hold",
            _ => "could not tell",
        };
        string line = $"{verdict,-14}  {finding.Id,-22}  {finding.Name}: {finding.Seen}";
        return Text.OneLine(finding.Follows.Length == 0 ? line : $"{line} -> {finding.Follows}");
    }

    private static void Write(JsonLines lines, DoctorFinding finding) => lines.Write(line =>
    {
        line.WriteString("id", finding.Id);
        line.WriteString("name", finding.Name);
        line.WriteString("verdict", Camel(finding.Verdict));
        line.WriteString("neededFor", Camel(finding.Need));
        line.WriteName("seen", finding.Seen);
        line.WriteName("follows", finding.Follows);
    });

    private static string Camel<T>(T value) where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
