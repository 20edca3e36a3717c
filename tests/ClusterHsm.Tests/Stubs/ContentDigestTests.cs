using System.Security.Cryptography;
using System.Text;
using ClusterHsm.Stubs;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Stubs;

public sealed class ContentDigestTests
{
    // FIPS 180-4's own example, "abc".
    private const string Abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Test]
    public void The_text_is_the_algorithm_and_lower_case_digits() =>
        ContentDigest.Of("abc"u8).ToString().Should().Be(Abc);

    [Test]
    public void Pieces_give_the_digest_of_the_whole_and_the_builder_starts_anew()
    {
        using ContentDigestBuilder builder = ContentDigest.Start();
        for (int round = 0; round < 2; round++)
        {
            builder.Append("a"u8);
            builder.Append([]);
            builder.Append("bc"u8);
            builder.Length.Should().Be(3);
            builder.Finish().ToString().Should().Be(Abc);
            builder.Length.Should().Be(0);
        }
    }

    [Test]
    public void Bytes_and_text_make_the_way_there_and_back() => Gen.Byte.Array[ContentDigest.Length].Sample(
        bytes =>
        {
            ContentDigest digest = new(bytes);
            byte[] back = new byte[ContentDigest.Length];
            digest.CopyTo(back);
            back.Should().Equal(bytes);
            digest.ToString().Should().HaveLength(ContentDigest.TextLength);
            ContentDigest.TryParse(digest.ToString(), out ContentDigest parsed).Should().BeTrue();
            parsed.Should().Be(digest);
            parsed.GetHashCode().Should().Be(digest.GetHashCode());
        },
        iter: 500);

    [Test]
    public void One_different_bit_anywhere_makes_another_digest()
    {
        byte[] bytes = SHA256.HashData("abc"u8);
        ContentDigest digest = new(bytes);
        for (int bit = 0; bit < 256; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            new ContentDigest(bytes).Should().NotBe(digest);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [TestCase(31)]
    [TestCase(33)]
    public void A_digest_of_another_length_is_refused(int length)
    {
        Action make = () => _ = new ContentDigest(new byte[length]);
        make.Should().Throw<ArgumentException>().WithMessage($"*{length}*");
    }

    [TestCase("")]
    [TestCase("sha256:")]
    [TestCase("SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [TestCase("sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [TestCase("sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [TestCase("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [TestCase("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0")]
    [TestCase(" sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    public void Other_text_is_refused(string text) => ContentDigest.TryParse(text, out _).Should().BeFalse();
}
