using System.Buffers.Binary;

namespace ClusterHsm.Torture;

/// <summary>What a file's bytes are: every block says whose it is, which one, and of which version, and all its other bytes follow from that.</summary>
/// <remarks>No eight bytes that begin at a multiple of eight are all zero, so that a hole of any size is told from data.</remarks>
internal static class FileImage
{
    /// <summary>A page: the largest piece that a killed write leaves whole or untouched.</summary>
    public const int BlockLength = 4096;

    private const ulong Magic = 0x4B434F4C42_4D5348; // "HSMBLOCK"
    private const int SmallBlocks = 16, MiddleBlocks = 300, LargeBlocks = 4300;

    public static string PathOf(int file) => $"d{file % 7}/f{file}";

    /// <summary>In blocks, the last of which may be cut. Most are small; one in fifty is larger than what is migrated in batches.</summary>
    public static int BlocksOf(int file) => (file % 50) switch
    {
        7 => LargeBlocks + file,
        13 or 29 or 43 => MiddleBlocks + file % 50,
        _ => 1 + file * 7 % SmallBlocks,
    };

    public static long LengthOf(int file) => (long)(BlocksOf(file) - 1) * BlockLength + 64 + file * 104 % (BlockLength - 64);

    /// <summary>How long a block is: the last may be shorter.</summary>
    public static int LengthOf(int file, int block) => (int)Math.Min(BlockLength, LengthOf(file) - (long)block * BlockLength);

    /// <summary>One file in three is written while it is migrated, the others are only read.</summary>
    public static bool IsWritten(int file) => file % 3 == 0;

    /// <summary>Fills a block, or its beginning.</summary>
    public static void Fill(Span<byte> block, int file, int number, long version)
    {
        Span<byte> word = stackalloc byte[8];
        ulong state = ((ulong)(uint)file << 40) ^ ((ulong)(uint)number << 20) ^ (ulong)version * 0x9E3779B97F4A7C15;
        for (int at = 0; at < block.Length; at += 8)
        {
            ulong value = at switch
            {
                0 => Magic,
                8 => ((ulong)(uint)file << 32) | (uint)number | 0x8000_0000_0000_0000,
                16 => (ulong)version | 0x4000_0000_0000_0000,
                _ => Next(ref state) | 1,
            };
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            word[..Math.Min(8, block.Length - at)].CopyTo(block[at..]);
        }
    }

    /// <summary>What a block says of itself.</summary>
    /// <returns>False if it does not begin as a block does.</returns>
    public static bool TryReadHead(ReadOnlySpan<byte> block, out int file, out int number, out long version)
    {
        (file, number, version) = (0, 0, 0);
        if (block.Length < 24 || BinaryPrimitives.ReadUInt64LittleEndian(block) != Magic)
            return false;
        ulong name = BinaryPrimitives.ReadUInt64LittleEndian(block[8..]);
        (file, number) = ((int)((name >> 32) & 0x7FFF_FFFF), (int)(name & 0xFFFF_FFFF));
        version = (long)(BinaryPrimitives.ReadUInt64LittleEndian(block[16..]) & 0x3FFF_FFFF_FFFF_FFFF);
        return true;
    }

    /// <summary>splitmix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
