using System.Diagnostics;
using System.Text.RegularExpressions;
using FluentAssertions;
using Mono.Unix.Native;

namespace ClusterHsm.Tests.Samples;

/// <summary>A web service that runs as a process of its own, on a port that it chooses.</summary>
internal static partial class ServiceProcess
{
    /// <summary>Reads its standard output until it says where it listens.</summary>
    public static async Task<Uri> AddressAsync(Process service, CancellationToken cancellationToken)
    {
        while (await service.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (Address().Match(line) is { Success: true } found)
                return new Uri(found.Groups[1].Value);
        }
        throw new InvalidOperationException($"It ended before it listened: {await service.StandardError.ReadToEndAsync(cancellationToken)}");
    }

    /// <summary>Asks it to end, as a service manager does; it has to end in good order.</summary>
    public static async Task EndAsync(Process service, CancellationToken cancellationToken)
    {
        Syscall.kill(service.Id, Signum.SIGTERM).Should().Be(0);
        await service.WaitForExitAsync(cancellationToken);
        service.ExitCode.Should().Be(0);
    }

    [GeneratedRegex("Now listening on: (.*)$")]
    private static partial Regex Address();
}
