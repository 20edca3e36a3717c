namespace ClusterHsm.Endurance;

/// <summary>Files whose bytes follow from a seed and their number, so that any process can tell right from wrong.</summary>
internal static class Corpus
{
    public const int Count = 500;

    public static string NameOf(int file) => $"d{file % 10}/f{file}";

    public static byte[] BytesOf(int seed, int file)
    {
        Random random = new(unchecked((seed * 31) + file));
        byte[] bytes = new byte[random.Next(1, 100_000)];
        random.NextBytes(bytes);
        return bytes;
    }
}
