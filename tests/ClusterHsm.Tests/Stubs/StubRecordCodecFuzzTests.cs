using System.Text;
using ClusterHsm.Stubs;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Stubs;

/// <summary>Whatever the bytes: no exception, and either a problem in words or the one record that is written so.</summary>
public sealed class StubRecordCodecFuzzTests
{
    private const int Cases = 20_000;

    private static readonly byte[] s_key = "key"u8.ToArray();
    private static readonly byte[] s_alphabet = "{}[]:,\"\\u0-123456789.eE/ nulltruefalsehmacsize\n"u8.ToArray();

    [Test]
    public void Random_bytes_are_refused() => Gen.Byte.Array[0, 1100].Sample(HoldsFor, iter: Cases);

    [Test]
    public void Bytes_of_the_characters_that_records_are_made_of_are_refused() =>
        Gen.Int[0, s_alphabet.Length - 1].Select(index => s_alphabet[index]).Array[0, 200].Sample(HoldsFor, iter: Cases);

    [Test]
    public void Fields_in_any_number_and_order_are_believed_only_as_they_are_written()
    {
        string[] fields = Encoding.ASCII.GetString(StubRecordCodec.Encode(Records.Example, s_key)).Trim('{', '}').Split(',');
        Gen.Int[0, fields.Length - 1].Array[0, 13].Sample(
            order => HoldsFor(Encoding.ASCII.GetBytes("{\"clusterhsm\":1," + string.Join(',', order.Select(index => fields[index])) + "}")),
            iter: Cases);
    }

    [Test]
    public void Mutated_records_are_refused_or_are_another_record_in_full() =>
        Gen.Select(Records.Any, Gen.Bool, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 600], Gen.Byte, Gen.Int[0, 40]).Array[1, 4]).Sample(
            (record, signed, edits) =>
            {
                List<byte> bytes = [.. signed ? StubRecordCodec.Encode(record, s_key) : StubRecordCodec.Encode(record)];
                foreach ((int kind, int at, byte value, int count) in edits)
                    Edit(bytes, kind, at, value, count);
                HoldsFor([.. bytes]);
            },
            iter: Cases);

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
            default:
                bytes.InsertRange(index, bytes.GetRange(index, length));
                break;
        }
    }

    private static void HoldsFor(byte[] bytes)
    {
        if (StubRecordCodec.TryDecode(bytes, out StubRecord? record, out string? problem))
            StubRecordCodec.Encode(record!).Should().Equal(bytes);
        else
            (record is null && !string.IsNullOrEmpty(problem)).Should().BeTrue();
        if (StubRecordCodec.TryDecode(bytes, s_key, out record, out problem))
            StubRecordCodec.Encode(record!, s_key).Should().Equal(bytes);
        else
            (record is null && !string.IsNullOrEmpty(problem)).Should().BeTrue();
    }
}
