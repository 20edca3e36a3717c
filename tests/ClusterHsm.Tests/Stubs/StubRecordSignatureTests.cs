using System.Security.Cryptography;
using System.Text;
using ClusterHsm.Stubs;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Stubs;

public sealed class StubRecordSignatureTests
{
    private const ulong Inode = 0x102;

    private static readonly byte[] s_key = "a shard's key"u8.ToArray();

    [Test]
    public void The_signature_is_the_hmac_of_its_purpose_the_inode_and_the_record_without_it()
    {
        string hmac = Convert.ToHexStringLower(HMACSHA256.HashData(s_key, (byte[])[.. "clusterhsm record\n\0\0\0\0\0\0\u0001\u0002"u8, .. Records.ExampleBytes]));
        Encoding.UTF8.GetString(StubRecordCodec.Encode(Records.Example, s_key, Inode))
            .Should().Be($"{Records.ExampleText[..^1]},\"hmac\":\"hmac-sha256:{hmac}\"}}");
    }

    [Test]
    public void A_signed_record_is_believed_with_the_key()
    {
        StubRecordCodec.TryDecode(StubRecordCodec.Encode(Records.Example, s_key, Inode), s_key, Inode, out StubRecord? record, out RecordProblem? problem)
            .Should().BeTrue(problem?.Text);
        record.Should().Be(Records.Example);
    }

    [Test]
    public void Without_its_signature_a_record_is_refused_with_the_key() =>
        Refusal(Records.ExampleBytes, s_key).Should().Contain("not signed");

    [Test]
    public void With_another_key_a_record_is_refused() =>
        Refusal(StubRecordCodec.Encode(Records.Example, "another"u8, Inode), s_key).Should().Contain("signature is wrong");

    [Test]
    public void A_signed_record_is_refused_on_a_shard_without_a_key()
    {
        StubRecordCodec.TryDecode(StubRecordCodec.Encode(Records.Example, s_key, Inode), out StubRecord? record, out string? problem).Should().BeFalse();
        record.Should().BeNull();
        problem.Should().Contain("the shard has no key");
    }

    [Test]
    public void No_changed_byte_of_a_signed_record_is_believed()
    {
        byte[] bytes = StubRecordCodec.Encode(Records.Example, s_key, Inode);
        for (int index = 0; index < bytes.Length; index++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bytes[index] ^= (byte)(1 << bit);
                StubRecordCodec.TryDecode(bytes, s_key, Inode, out _, out _).Should().BeFalse();
                bytes[index] ^= (byte)(1 << bit);
            }
        }
    }

    [Test]
    public void The_signature_of_one_record_does_not_serve_another()
    {
        string signed = Encoding.UTF8.GetString(StubRecordCodec.Encode(Records.Example, s_key, Inode));
        Refusal(Encoding.UTF8.GetBytes(signed.Replace("\"size\":1234", "\"size\":1235", StringComparison.Ordinal)), s_key).Should().Contain("signature is wrong");
    }

    [Test]
    public void The_signature_of_a_record_does_not_serve_it_on_another_file()
    {
        byte[] signed = StubRecordCodec.Encode(Records.Example, s_key, Inode);
        StubRecordCodec.TryDecode(signed, s_key, Inode + 1, out StubRecord? record, out RecordProblem? problem).Should().BeFalse();
        (record, problem!.IsOfSignature).Should().Be((null, true));
    }

    [Test]
    public void Without_the_key_a_signed_record_is_read_unverified_and_an_unsigned_one_refused()
    {
        StubRecordCodec.TryDecodeUnverified(StubRecordCodec.Encode(Records.Example, "another"u8, Inode), out StubRecord? record, out _).Should().BeTrue();
        record.Should().Be(Records.Example);
        StubRecordCodec.TryDecodeUnverified(Records.ExampleBytes, out record, out RecordProblem? problem).Should().BeFalse();
        (record, problem!.IsOfSignature).Should().Be((null, true));
    }

    [Test]
    public void An_empty_key_is_a_mistake_of_the_caller_and_not_no_key()
    {
        Action encode = () => StubRecordCodec.Encode(Records.Example, ReadOnlySpan<byte>.Empty, Inode);
        Action decode = () => StubRecordCodec.TryDecode(Records.ExampleBytes, ReadOnlySpan<byte>.Empty, Inode, out _, out _);
        encode.Should().Throw<ArgumentException>();
        decode.Should().Throw<ArgumentException>();
    }

    private static string? Refusal(byte[] bytes, byte[] key)
    {
        StubRecordCodec.TryDecode(bytes, key, Inode, out StubRecord? record, out RecordProblem? problem).Should().BeFalse();
        record.Should().BeNull();
        problem!.IsOfSignature.Should().BeTrue();
        return problem.Text;
    }
}
