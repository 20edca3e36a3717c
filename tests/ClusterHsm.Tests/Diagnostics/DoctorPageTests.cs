using System.Text.RegularExpressions;
using ClusterHsm.Diagnostics;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Diagnostics;

/// <summary>The page about the doctor names what it finds, and nothing else.</summary>
public sealed partial class DoctorPageTests
{
    [Test]
    public async Task Every_finding_has_its_line_with_what_it_is_needed_for_and_no_line_is_left_over()
    {
        DoctorBed bed = new() { RemoveDirectory = static _ => throw new IOException("it stays") };
        bed.Initialize(TestBed.NewDescriptor());
        DoctorReport report = await bed.ExamineAsync();

        string page = await File.ReadAllTextAsync(SourceTree.PathOf("docs/doctor.md"));

        Line().Matches(page).Select(static line => (line.Groups[1].Value, line.Groups[2].Value))
            .Should().BeEquivalentTo(report.Findings.Select(static finding => (finding.Id, finding.Need.ToString().ToLowerInvariant())));
    }

    [GeneratedRegex(@"^\| `([a-z]+\.[a-z-]+)` \| ([a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex Line();
}
