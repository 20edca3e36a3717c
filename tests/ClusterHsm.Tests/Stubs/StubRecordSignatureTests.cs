using System.Security.Cryptography;
using System.Text;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Stubs;

public sealed class StubRecordSignatureTests
{
    private static readonly byte[] s_key = "a shard's key"u8.ToArray();

    [Test]
    public void The_signature_is_the_hmac_of_the_record_without_it()
    {
        string hmac = Convert.ToHexStringLower(HMACSHA256.HashData(s_key, Records.ExampleBytes));
        Encoding.UTF8.GetString(StubRecordCodec.Encode(Records.Example, s_key))
            .Should().Be($"{Records.ExampleText[..^1]},\"hmac\":\"hmac-sha256:{hmac}\"}}");
    }

    [Test]
    public void A_signed_record_is_believed_with_the_key()
    {
        StubRecordCodec.TryDecode(StubRecordCodec.Encode(Records.Example, s_key), s_key, out StubRecord? record, out string? problem)
            .Should().BeTrue(problem);
        record.Should().Be(Records.Example);
    }

    [Test]
    public void Without_its_signature_a_record_is_refused_with_the_key() =>
        Refusal(Records.ExampleBytes, s_key).Should().Contain("not signed");

    [Test]
    public void With_another_key_a_record_is_refused() =>
        Refusal(StubRecordCodec.Encode(Records.Example, "another"u8), s_key).Should().Contain("signature is wrong");

    [Test]
    public void A_signed_record_is_refused_where_the_key_is_not_known()
    {
        StubRecordCodec.TryDecode(StubRecordCodec.Encode(Records.Example, s_key), out StubRecord? record, out string? problem).Should().BeFalse();
        record.Should().BeNull();
        problem.Should().Contain("key is not known");
    }

    [Test]
    public void No_changed_byte_of_a_signed_record_is_believed()
    {
        byte[] bytes = StubRecordCodec.Encode(Records.Example, s_key);
        for (int index = 0; index < bytes.Length; index++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bytes[index] ^= (byte)(1 << bit);
                StubRecordCodec.TryDecode(bytes, s_key, out _, out _).Should().BeFalse();
                bytes[index] ^= (byte)(1 << bit);
            }
        }
    }

    [Test]
    public void The_signature_of_one_record_does_not_serve_another()
    {
        string signed = Encoding.UTF8.GetString(StubRecordCodec.Encode(Records.Example, s_key));
        Refusal(Encoding.UTF8.GetBytes(signed.Replace("\"size\":1234", "\"size\":1235", StringComparison.Ordinal)), s_key).Should().Contain("signature is wrong");
    }

    [Test]
    public void An_empty_key_is_a_mistake_of_the_caller_and_not_no_key()
    {
        Action encode = () => StubRecordCodec.Encode(Records.Example, ReadOnlySpan<byte>.Empty);
        Action decode = () => StubRecordCodec.TryDecode(Records.ExampleBytes, ReadOnlySpan<byte>.Empty, out _, out _);
        encode.Should().Throw<ArgumentException>();
        decode.Should().Throw<ArgumentException>();
    }

    private static string? Refusal(byte[] bytes, byte[] key)
    {
        StubRecordCodec.TryDecode(bytes, key, out StubRecord? record, out string? problem).Should().BeFalse();
        record.Should().BeNull();
        return problem;
    }
}
