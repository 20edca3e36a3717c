using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem;

/// <summary>How many files this process may have open: <c>ulimit -n</c>, of which work that keeps many open takes only a part.</summary>
/// <remarks>Windows has no such limit. .NET itself has raised the soft limit to the hard one.</remarks>
internal static partial class DescriptorLimit
{
    // RLIMIT_NOFILE: <asm-generic/resource.h>, and <sys/resource.h> of macOS
    private const int NumberOnLinux = 7, NumberOnMac = 8;

    /// <summary>
    /// For the program and the runtime: the command itself has some 65 open, most of them its assemblies, and a process without any
    /// descriptor left cannot even load what it needs to say so. Of a large limit a quarter stays free.
    /// </summary>
    private const ulong KeptFree = 128;

    /// <summary>How many of many things may be under way at once.</summary>
    /// <param name="wanted">How many there would be without a limit.</param>
    /// <param name="descriptorsOfEach">Files that each of them has open.</param>
    /// <returns>At least 1, at most <paramref name="wanted"/>.</returns>
    public static int Fit(int wanted, int descriptorsOfEach) => Fit(wanted, descriptorsOfEach, Read());

    internal static int Fit(int wanted, int descriptorsOfEach, ulong limit)
    {
        ulong free = limit > KeptFree ? Math.Min(limit - KeptFree, limit / 4 * 3) : 0;
        return (int)Math.Clamp(free / (ulong)descriptorsOfEach, 1, (ulong)wanted);
    }

    private static ulong Read() =>
        !OperatingSystem.IsWindows() && GetLimit(OperatingSystem.IsMacOS() ? NumberOnMac : NumberOnLinux, out Limits limits) == 0
            ? limits.Soft
            : ulong.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    /// <summary><c>struct rlimit</c>: two 64-bit numbers on every 64-bit system that .NET runs on.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }
}
