namespace ClusterHsm.WindowsTests;

/// <summary>
/// Whether this is Windows itself, on NTFS or ReFS: CLUSTERHSM_REAL_WINDOWS is 1. Then the volume's own streams, holes and attributes are
/// tried, and POSIX renames; else Wine's place is taken for what it is, and <see cref="FakeFeatures"/> stands in.
/// </summary>
internal static class RealWindows
{
    /// <summary>For the tests that only a fake can carry.</summary>
    internal const string OnlyFaked = "CLUSTERHSM_REAL_WINDOWS is set: only a filter in the kernel can do this to a file, and here are no fakes.";

    /// <summary>For the tests that say what Wine does and Windows does not.</summary>
    internal const string OnlyWine = "CLUSTERHSM_REAL_WINDOWS is set: this is about Wine.";

    internal static bool IsAsked { get; } = Environment.GetEnvironmentVariable("CLUSTERHSM_REAL_WINDOWS") == "1";

    /// <summary>What a fixture that needs streams and holes is tried on, for its name.</summary>
    internal static string[] Volumes { get; } = [IsAsked ? "the volume's own streams and holes" : "faked streams and holes"];
}
