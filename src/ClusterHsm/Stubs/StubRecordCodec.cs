using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace ClusterHsm.Stubs;

/// <summary>The bytes of a record: one JSON object on one line, which a person can read.</summary>
/// <remarks>
/// <para>There is one way to write a record. The fields stand in this order, without white space: <c>clusterhsm</c> (the format
/// version), <c>state</c>, <c>releases</c>, <c>shard</c>, <c>store</c>, <c>key</c>, <c>size</c>, <c>mtime</c>, <c>ctime</c>,
/// <c>digest</c>, and <c>hmac</c> where the shard has a key. A record that says the same in other bytes is refused.</para>
/// <para>A record can be written by anyone who may write the file, so it is read as untrusted input: reading never throws.</para>
/// <para><c>hmac</c> is <c>hmac-sha256:</c> and 64 lower-case hexadecimal digits: HMAC-SHA-256 (RFC 2104) over the line
/// <c>clusterhsm record</c>, the file's inode number in eight bytes, the greatest first, and the record as it is written without that
/// field. So it vouches for this record on this file only. On a shard with a key, a record whose <c>hmac</c> is missing or wrong is
/// refused; on a shard without, a record that has one.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal static class StubRecordCodec
{
    /// <summary>No record is longer, in bytes: it fits beside other attributes in the 4 KiB that ext4 gives an inode's attributes.</summary>
    public const int MaxLength = 1024;

    /// <summary>The version of the format that is written, and the newest that is read.</summary>
    public const int FormatVersion = 1;

    /// <summary>Writes a record.</summary>
    /// <exception cref="ArgumentException">A value is out of its range: the record could not be read back.</exception>
    public static byte[] Encode(StubRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Span<byte> bytes = stackalloc byte[MaxLength];
        return bytes[..Write(Checked(record), bytes)].ToArray();
    }

    /// <summary>Reads a record of a shard that has no key.</summary>
    /// <param name="bytes">What the attribute holds.</param>
    /// <param name="record">The record, if it can be believed.</param>
    /// <param name="problem">If not: what is wrong with it, for a message.</param>
    /// <returns>Whether it can be believed.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out StubRecord? record, out string? problem)
    {
        if (!StubRecordParser.TryParse(bytes, out record, out string? hmac, out problem))
            return false;
        if (hmac is not null)
            problem = "it is signed, and the shard has no key";
        else if (!IsCanonical(bytes, record!, null))
            problem = "it is not written the way ClusterHsm writes records";
        return Believe(ref record, problem);
    }

    /// <summary>Writes a record and signs it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="key">The shard's key, not empty.</param>
    /// <exception cref="ArgumentException">A value is out of its range, or the key is empty.</exception>
    /// <param name="inode">The file's inode number.</param>
    internal static byte[] Encode(StubRecord record, ReadOnlySpan<byte> key, ulong inode)
    {
        ArgumentNullException.ThrowIfNull(record);
        RequireKey(key);
        Span<byte> bytes = stackalloc byte[MaxLength];
        int length = Write(Checked(record), bytes);
        return bytes[..Sign(bytes, length, Hmac(key, inode, bytes[..length]))].ToArray();
    }

    /// <summary>Reads a record of a shard that has a key.</summary>
    /// <param name="bytes">What the attribute holds.</param>
    /// <param name="key">The shard's key, not empty.</param>
    /// <param name="inode">The file's inode number.</param>
    /// <param name="record">The record, if it can be believed.</param>
    /// <param name="problem">If not: what is wrong with it, for a message.</param>
    /// <returns>Whether it can be believed.</returns>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, ulong inode, out StubRecord? record, out RecordProblem? problem)
    {
        RequireKey(key);
        if (!TryParseSigned(bytes, out record, out string? hmac, out problem))
            return false;
        if (!IsSignedBy(key, inode, record!, hmac!))
            (record, problem) = (null, new RecordProblem("its signature is wrong: it was changed, copied from another file, or made without the shard's key", true));
        return problem is null;
    }

    /// <summary>Reads a record of a shard that has a key, without it: what is in the record may be anybody's word.</summary>
    /// <param name="bytes">What the attribute holds.</param>
    /// <param name="record">The record, if it looks as one with a signature does.</param>
    /// <param name="problem">If not: what is wrong with it, for a message.</param>
    internal static bool TryDecodeUnverified(ReadOnlySpan<byte> bytes, out StubRecord? record, out RecordProblem? problem) =>
        TryParseSigned(bytes, out record, out _, out problem);

    private static bool TryParseSigned(ReadOnlySpan<byte> bytes, out StubRecord? record, out string? hmac, out RecordProblem? problem)
    {
        problem = null;
        if (!StubRecordParser.TryParse(bytes, out record, out hmac, out string? fault))
            problem = new RecordProblem(fault!, false);
        else if (hmac is null)
            problem = new RecordProblem("it is not signed, and the shard has a key", true);
        else if (!IsCanonical(bytes, record!, hmac))
            problem = new RecordProblem("it is not written the way ClusterHsm writes records", false);
        if (problem is not null)
            record = null;
        return problem is null;
    }

    private static bool Believe(ref StubRecord? record, string? problem)
    {
        if (problem is null)
            return true;
        record = null;
        return false;
    }

    private static int Write(StubRecord record, Span<byte> bytes)
    {
        bool fits = Utf8.TryWrite(
            bytes,
            CultureInfo.InvariantCulture,
            $$"""{"clusterhsm":{{FormatVersion}},"state":"{{StubRecordFields.Word(record.State)}}","releases":{{record.ReleaseCount}},"shard":"{{record.ShardId:N}}","store":"{{record.StoreId:N}}","key":"{{record.Key.ShardId:N}}/{{record.Key.ObjectId:N}}","size":{{record.Size}},"mtime":"{{record.Modified}}","ctime":"{{record.Changed}}","digest":"{{record.Digest}}"}""",
            out int length);
        return fits ? length : throw new InvalidOperationException("A record's longest form fits its limit.");
    }

    private static int Sign(Span<byte> bytes, int length, string hmac)
    {
        bool fits = Utf8.TryWrite(bytes[(length - 1)..], CultureInfo.InvariantCulture, $$""","hmac":"{{hmac}}"}""", out int more);
        return fits ? length - 1 + more : throw new InvalidOperationException("A signed record's longest form fits its limit.");
    }

    private static string Hmac(ReadOnlySpan<byte> key, ulong inode, ReadOnlySpan<byte> canonical)
    {
        ReadOnlySpan<byte> purpose = "clusterhsm record\n"u8;
        Span<byte> signed = stackalloc byte[purpose.Length + sizeof(ulong) + canonical.Length];
        purpose.CopyTo(signed);
        BinaryPrimitives.WriteUInt64BigEndian(signed[purpose.Length..], inode);
        canonical.CopyTo(signed[(purpose.Length + sizeof(ulong))..]);
        return Signature.Of(key, signed);
    }

    private static bool IsSignedBy(ReadOnlySpan<byte> key, ulong inode, StubRecord record, string hmac)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        return Signature.AreEqual(Hmac(key, inode, bytes[..Write(record, bytes)]), hmac);
    }

    private static bool IsCanonical(ReadOnlySpan<byte> bytes, StubRecord record, string? hmac)
    {
        Span<byte> canonical = stackalloc byte[MaxLength];
        int length = Write(record, canonical);
        if (hmac is not null)
            length = Sign(canonical, length, hmac);
        return bytes.SequenceEqual(canonical[..length]);
    }

    private static StubRecord Checked(StubRecord record)
    {
        if (!Enum.IsDefined(record.State))
            throw new ArgumentException($"A record's state cannot be {(int)record.State}.", nameof(record));
        ArgumentOutOfRangeException.ThrowIfNegative(record.ReleaseCount, nameof(record));
        ArgumentOutOfRangeException.ThrowIfNegative(record.Size, nameof(record));
        if (record.Modified.Nanoseconds is < 0 or > 999_999_999 || record.Changed.Nanoseconds is < 0 or > 999_999_999)
            throw new ArgumentException("A timestamp's nanoseconds are 0 to 999,999,999.", nameof(record));
        return record;
    }

    private static void RequireKey(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            throw new ArgumentException("A shard's key has at least one byte.", nameof(key));
    }
}
