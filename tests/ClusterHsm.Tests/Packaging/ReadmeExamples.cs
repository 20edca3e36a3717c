namespace ClusterHsm.Tests.Packaging;

/// <summary>The C# examples of the README, each a whole program but for the names that <see cref="Surroundings"/> declares.</summary>
internal static class ReadmeExamples
{
    /// <summary>The paths that the examples name.</summary>
    public const string Shard = "/mnt/projects", Store = "/mnt/tape-cache", File = "2019/scan.tif";

    /// <summary>Longer than the file, so that what is not read stays zero.</summary>
    public const int BufferLength = 100_000;

    /// <summary>What an example takes for given. When the program ends, it tells the digest of what was read.</summary>
    public static string Surroundings => $$"""
        global using static Surroundings;

        static class Surroundings
        {
            public static readonly Memory<byte> buffer = new byte[{{BufferLength}}];

            [System.Runtime.CompilerServices.ModuleInitializer]
            internal static void TellAtTheEnd() => AppDomain.CurrentDomain.ProcessExit +=
                (_, _) => Console.WriteLine(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(buffer.Span)));
        }
        """;
}
