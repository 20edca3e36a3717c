using System.Globalization;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class BootTimeProviderTests
{
    [Test]
    public void Time_stamps_never_go_back()
    {
        long last = 0;
        for (int i = 0; i < 10_000; i++)
        {
            long now = BootTimeProvider.Instance.GetTimestamp();
            now.Should().BeGreaterThanOrEqualTo(last);
            last = now;
        }
    }

    [Test]
    public void Time_stamps_count_from_boot_with_suspension()
    {
        // The first number of /proc/uptime is CLOCK_BOOTTIME too, in hundredths of a second, cut.
        double before = Uptime();
        double stamp = (double)BootTimeProvider.Instance.GetTimestamp() / BootTimeProvider.Instance.TimestampFrequency;
        double after = Uptime();

        stamp.Should().BeInRange(before, after + 0.01);
    }

    private static double Uptime() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
}
