using System.Text;
using ClusterHsm.FileSystem.Linux;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

[TestFixture]
public class FileNameCodingTests
{
    /// <summary>Bytes that make and break sequences: starts, continuations, surrogates, overlong forms.</summary>
    private static readonly byte[] Telling = [0x41, 0x80, 0x90, 0xBF, 0xC0, 0xC3, 0xED, 0xA0, 0xB0, 0xF0, 0x9F, 0xFF];

    [Test]
    public void Every_byte_sequence_survives_the_way_to_text_and_back() =>
        Gen.OneOf(Gen.Byte.Array[0, 300], Gen.Int[0, Telling.Length - 1].Select(i => Telling[i]).Array[0, 12])
            .Select(bytes => bytes.Where(b => b != 0).ToArray())
            .Sample(bytes => Encode(FileNameCoding.Decode(bytes)).SequenceEqual(bytes), iter: 20_000);

    [Test]
    public void Every_valid_text_survives_the_way_to_bytes_and_back() =>
        Gen.String.Where(text => !text.Contains('\0') && !text.Any(char.IsSurrogate))
            .Sample(text => FileNameCoding.Decode(Encode(text)) == text);

    [Test]
    public void Utf8_is_itself() => Encode("Übergröße 😀").Should().Equal(Encoding.UTF8.GetBytes("Übergröße 😀"));

    [Test]
    public void A_byte_that_is_not_UTF8_becomes_a_lone_surrogate() =>
        FileNameCoding.Decode([(byte)'a', 0xFF, (byte)'b']).Should().Be("a\uDCFFb");

    [Test]
    public void A_surrogate_encoded_as_UTF8_is_three_odd_bytes() =>
        FileNameCoding.Decode([0xED, 0xA0, 0x80]).Should().Be("\uDCED\uDCA0\uDC80");

    // No test cases: an attribute's argument cannot hold half of a surrogate pair.
    [Test]
    public void What_stands_for_no_byte_is_refused()
    {
        foreach (string text in (string[])["a\0b", "a\uD800", "a\uDC7Fb", "\uDD00"])
            FluentActions.Invoking(() => Encode(text)).Should().Throw<ArgumentException>();
    }

    private static byte[] Encode(string text)
    {
        byte[] bytes = new byte[FileNameCoding.MaxByteCount(text.Length)];
        int length = FileNameCoding.Encode(text, bytes);
        bytes[length].Should().Be(0);
        return bytes[..length];
    }
}
