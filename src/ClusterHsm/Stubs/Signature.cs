using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ClusterHsm.Stubs;

/// <summary>HMAC-SHA-256 (RFC 2104) as text: <c>hmac-sha256:</c> and 64 lower-case hexadecimal digits.</summary>
internal static class Signature
{
    public static string Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> signed)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, signed, mac);
        return StubRecordFields.HmacPrefix + Convert.ToHexStringLower(mac);
    }

    /// <summary>Takes the same time wherever they differ, so that the right one cannot be found piece by piece.</summary>
    public static bool AreEqual(string right, string given) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(right.AsSpan()), MemoryMarshal.AsBytes(given.AsSpan()));
}
