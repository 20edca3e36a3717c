// Draws icon.png beside it: dotnet run assets/MakeIcon.cs
// Two files on a disk that are whole, and one that is a stub: an outline.
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;

const int Side = 128;
byte[] paper = [0x1f, 0x3a, 0x5f, 0xff], whole = [0xf2, 0xb1, 0x34, 0xff], disk = [0xd9, 0xe2, 0xec, 0xff];

var pixels = new byte[Side * (Side * 4 + 1)];
for (int y = 0; y < Side; y++)
{
    for (int x = 0; x < Side; x++)
        Color(x, y).CopyTo(pixels, y * (Side * 4 + 1) + 1 + x * 4);
}

using var compressed = new MemoryStream();
using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
    zlib.Write(pixels);

var header = new byte[13];
BinaryPrimitives.WriteInt32BigEndian(header, Side);
BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Side);
header[8] = 8; // bits
header[9] = 6; // red, green, blue, alpha

using FileStream png = File.Create(Path.Combine(Path.GetDirectoryName(Here())!, "icon.png"));
png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n']);
Chunk("IHDR"u8, header);
Chunk("IDAT"u8, compressed.ToArray());
Chunk("IEND"u8, []);

byte[] Color(int x, int y) =>
    !Rounded(x, y, 0, 0, Side, 20) ? new byte[4]
    : y is >= 92 and < 100 && x is >= 20 and < 108 ? disk
    : In(x, y, 22) || In(x, y, 52) ? whole
    : In(x, y, 82) && (x is < 86 or >= 102 || y is < 44 or >= 80) ? whole
    : paper;

static bool In(int x, int y, int left) => x >= left && x < left + 24 && y is >= 40 and < 84;

static bool Rounded(int x, int y, int left, int top, int side, int radius)
{
    int dx = Math.Max(0, Math.Max(left + radius - x, x - (left + side - 1 - radius)));
    int dy = Math.Max(0, Math.Max(top + radius - y, y - (top + side - 1 - radius)));
    return dx * dx + dy * dy <= radius * radius;
}

static string Here([CallerFilePath] string path = "") => path;

void Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
{
    byte[] body = [.. type, .. data];
    Span<byte> number = stackalloc byte[4];
    BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
    png.Write(number);
    png.Write(body);
    BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
    png.Write(number);
}

// The PNG specification's own, annex D.
static uint Crc(ReadOnlySpan<byte> bytes)
{
    uint crc = uint.MaxValue;
    foreach (byte one in bytes)
    {
        crc ^= one;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xedb88320 & (0 - (crc & 1)));
    }
    return ~crc;
}
