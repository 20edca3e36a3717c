using System.Globalization;
using System.Text;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Stubs;

/// <summary>
/// Whatever the bytes: no exception, and either a problem in words or the one record that is written so, whose object lies in the store.
/// The environment variable CLUSTERHSM_FUZZ_CASES asks for more or fewer cases of each test.
/// </summary>
public sealed class StubRecordCodecFuzzTests
{
    private const ulong Inode = 7;

    private static readonly int s_cases =
        int.TryParse(Environment.GetEnvironmentVariable("CLUSTERHSM_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 20_000;

    private static readonly byte[] s_key = "key"u8.ToArray();
    private static readonly byte[] s_alphabet = "{}[]:,\"\\u0-123456789.eE/ nulltruefalsehmacsize\n"u8.ToArray();

    /// <summary>Values that would lead out of a store if a key were taken for a path.</summary>
    private static readonly string[] s_hostile =
    [
        "..", "../..", "/etc/passwd", "../../../../etc/passwd", "00112233445566778899aabbccddeeff/../../../../../../../etc/passwd",
        "00112233445566778899aabbccddeeff/ffeeddccbbaa9988776655443322110\\u0000", "00112233445566778899aabbccddeeff\\\\ffeeddccbbaa99887766554433221100",
        "00112233445566778899aabbccddeeff//feeddccbbaa99887766554433221100", "00112233445566778899AABBCCDDEEFF/FFEEDDCCBBAA99887766554433221100",
        "................................/................................", "00112233445566778899aabbccddeeff/ffeeddccbbaa99887766554433221100/..", "",
    ];

    [Test]
    public void Random_bytes_are_refused() => Gen.Byte.Array[0, 1100].Sample(HoldsFor, iter: s_cases);

    [Test]
    public void Bytes_of_the_characters_that_records_are_made_of_are_refused() =>
        Gen.Int[0, s_alphabet.Length - 1].Select(index => s_alphabet[index]).Array[0, 200].Sample(HoldsFor, iter: s_cases);

    [Test]
    public void Fields_in_any_number_and_order_are_believed_only_as_they_are_written()
    {
        string[] fields = Encoding.ASCII.GetString(StubRecordCodec.Encode(Records.Example, s_key, Inode)).Trim('{', '}').Split(',');
        Gen.Int[0, fields.Length - 1].Array[0, 13].Sample(
            order => HoldsFor(Encoding.ASCII.GetBytes("{\"clusterhsm\":1," + string.Join(',', order.Select(index => fields[index])) + "}")),
            iter: s_cases);
    }

    [Test]
    public void Mutated_records_are_refused_or_are_another_record_in_full() =>
        Gen.Select(Records.Any, Gen.Bool, Gen.Select(Gen.Int[0, 4], Gen.Int[0, 600], Gen.Byte, Gen.Int[0, 40]).Array[1, 4]).Sample(
            (record, signed, edits) =>
            {
                List<byte> bytes = [.. Encode(record, signed)];
                foreach ((int kind, int at, byte value, int count) in edits)
                    Edit(bytes, kind, at, value, count);
                HoldsFor([.. bytes]);
            },
            iter: s_cases);

    [Test]
    public void Truncated_and_extended_records_are_refused() =>
        Gen.Select(Records.Any, Gen.Bool, Gen.Int[0, 1100], Gen.Byte.Array[1, 600]).Sample(
            (record, signed, length, more) =>
            {
                byte[] bytes = Encode(record, signed);
                IsRefused(bytes[..(length % bytes.Length)]);
                IsRefused([.. bytes, .. more]);
            },
            iter: s_cases);

    [Test]
    public void Every_record_comes_back_as_it_was_written() =>
        Gen.Select(Records.Any, Gen.ULong, Gen.Byte.Array[1, 80]).Sample(
            (record, inode, key) =>
            {
                Read("unsigned", StubRecordCodec.Encode(record), bytes => (StubRecordCodec.TryDecode(bytes, out StubRecord? read, out string? problem), read, problem));
                Read("signed", StubRecordCodec.Encode(record, key, inode),
                    bytes => (StubRecordCodec.TryDecode(bytes, key, inode, out StubRecord? read, out RecordProblem? problem), read, problem?.Text));
                if (StubRecordCodec.TryDecode(StubRecordCodec.Encode(record, key, inode), key, inode + 1, out _, out _))
                    throw new InvalidOperationException("The record of another inode was believed.");

                void Read(string how, byte[] bytes, Func<byte[], (bool, StubRecord?, string?)> decode)
                {
                    if (decode(bytes) is not (true, { } read, _) answer || read != record)
                        throw new InvalidOperationException($"The {how} record came back as {decode(bytes)}: {Encoding.UTF8.GetString(bytes)}");
                }
            },
            iter: s_cases);

    [Test]
    public void A_key_that_leads_out_of_the_store_is_never_believed() =>
        Gen.Select(Records.Any, Gen.OneOf(Gen.Int[0, s_hostile.Length - 1].Select(index => s_hostile[index]), Gen.String[0, 80], Gen.Char["./\\\0abcdef0"].Array[0, 70].Select(chars => new string(chars)))).Sample(
            (record, hostile) =>
            {
                string right = record.Key.ToString();
                byte[] bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(StubRecordCodec.Encode(record)).Replace($"\"{right}\"", $"\"{hostile}\"", StringComparison.Ordinal));
                HoldsFor(bytes);
                bool isOfTheStore = ObjectKey.TryParse(hostile, out ObjectKey key) && key.ToString() == hostile;
                if (!isOfTheStore)
                    IsRefused(bytes);
            },
            iter: s_cases);

    private static byte[] Encode(StubRecord record, bool signed) => signed ? StubRecordCodec.Encode(record, s_key, Inode) : StubRecordCodec.Encode(record);

    private static void Edit(List<byte> bytes, int kind, int at, byte value, int count)
    {
        int index = bytes.Count == 0 ? 0 : at % bytes.Count;
        int length = Math.Min(count, bytes.Count - index);
        switch (kind)
        {
            case 0 when bytes.Count > 0:
                bytes[index] = value;
                break;
            case 1:
                bytes.Insert(index, value);
                break;
            case 2:
                bytes.RemoveRange(index, length);
                break;
            case 3 when bytes.Count > 0:
                bytes[index] ^= (byte)(1 << (value % 8));
                break;
            default:
                bytes.InsertRange(index, bytes.GetRange(index, length));
                break;
        }
    }

    private static void IsRefused(byte[] bytes)
    {
        HoldsFor(bytes);
        (StubRecordCodec.TryDecode(bytes, out _, out _) || StubRecordCodec.TryDecode(bytes, s_key, Inode, out _, out _)
            || StubRecordCodec.TryDecodeUnverified(bytes, out _, out _)).Should().BeFalse();
    }

    private static void HoldsFor(byte[] bytes)
    {
        if (StubRecordCodec.TryDecode(bytes, out StubRecord? record, out string? plainProblem))
            StaysInTheStore(record!, StubRecordCodec.Encode(record!), bytes);
        else
            (record is null && !string.IsNullOrEmpty(plainProblem)).Should().BeTrue();
        if (StubRecordCodec.TryDecode(bytes, s_key, Inode, out record, out RecordProblem? problem))
            StaysInTheStore(record!, StubRecordCodec.Encode(record!, s_key, Inode), bytes);
        else
            (record is null && !string.IsNullOrEmpty(problem!.Text)).Should().BeTrue();
        if (StubRecordCodec.TryDecodeUnverified(bytes, out record, out problem))
            StaysInTheStore(record!, bytes, bytes);
        else
            (record is null && !string.IsNullOrEmpty(problem!.Text)).Should().BeTrue();
    }

    private static void StaysInTheStore(StubRecord record, byte[] written, byte[] bytes)
    {
        bytes.AsSpan().SequenceEqual(written).Should().BeTrue();
        string key = record.Key.ToString();
        (key.Length == 65 && key[32] == '/' && !key.Remove(32, 1).AsSpan().ContainsAnyExcept("0123456789abcdef")).Should().BeTrue(key);
    }
}
