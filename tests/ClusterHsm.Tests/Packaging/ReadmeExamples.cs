namespace ClusterHsm.Tests.Packaging;

/// <summary>The C# examples of the README, each a whole program.</summary>
internal static class ReadmeExamples
{
    /// <summary>The paths that the examples name.</summary>
    public const string Shard = "/mnt/projects", Store = "/mnt/tape-cache", File = "2019/scan.tif";

    /// <summary>What the first one has room for.</summary>
    public const int BufferLength = 65536;

    /// <summary>What is written below an example to see what it does: the first has read a file, the second has opened a volume.</summary>
    public static readonly string[] Proofs =
    [
        """
        Console.WriteLine(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(buffer.AsSpan(0, n))));
        """,
        $"""
        await using var file = await volume.OpenFileAsync("{File}");
        Console.WriteLine(Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(file.AsStream())));
        """,
    ];
}
