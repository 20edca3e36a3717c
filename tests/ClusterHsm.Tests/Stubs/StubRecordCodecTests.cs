using System.Text;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Stubs;

public sealed class StubRecordCodecTests
{
    [Test]
    public void A_record_is_one_line_that_a_person_can_read() =>
        Encoding.UTF8.GetString(StubRecordCodec.Encode(Records.Example)).Should().Be(Records.ExampleText);

    [Test]
    public void Every_record_makes_the_way_there_and_back() => Records.Any.Sample(
        record =>
        {
            byte[] bytes = StubRecordCodec.Encode(record);
            bytes.Length.Should().BeLessThanOrEqualTo(StubRecordCodec.MaxLength);
            StubRecordCodec.TryDecode(bytes, out StubRecord? decoded, out string? problem).Should().BeTrue(problem);
            decoded.Should().Be(record);
            problem.Should().BeNull();
        },
        iter: 2000);

    [Test]
    public void The_longest_record_fits_the_limit_with_its_signature()
    {
        StubRecord longest = Records.Example with
        {
            State = FileState.Recalling,
            ReleaseCount = long.MaxValue,
            Size = long.MaxValue,
            Modified = new ShardTimestamp(long.MinValue, 999_999_999),
            Changed = new ShardTimestamp(long.MinValue, 999_999_999),
        };
        StubRecordCodec.Encode(longest, "key"u8, 1).Length.Should().BeLessThanOrEqualTo(StubRecordCodec.MaxLength);
    }

    [Test]
    public void A_file_made_regular_again_keeps_its_release_count()
    {
        StubRecord regular = Records.Example with { State = FileState.Regular };
        StubRecordCodec.TryDecode(StubRecordCodec.Encode(regular), out StubRecord? decoded, out _).Should().BeTrue();
        decoded!.State.Should().Be(FileState.Regular);
        decoded.ReleaseCount.Should().Be(3);
    }

    [TestCase("\"clusterhsm\":1,", "\"clusterhsm\":2,", "format version 2*no more than 1")]
    [TestCase("\"clusterhsm\":1,", "\"clusterhsm\":2,\"new\":{},", "format version 2*no more than 1")]
    [TestCase("\"clusterhsm\":1,", "\"clusterhsm\":0,", "unknown format version 0")]
    [TestCase("\"clusterhsm\":1,", "\"clusterhsm\":\"1\",", "'clusterhsm' is not a whole number")]
    [TestCase("\"clusterhsm\":1,", "", "does not begin with the format version")]
    [TestCase("released", "gone", "'state' is not one of")]
    [TestCase("\"released\"", "2", "'state' is not one of")]
    [TestCase("released", "relea\\u0073ed", "'state' is not one of")]
    [TestCase("\"state\":", "\"stat\\u0065\":", "'stat?u0065' is unknown")]
    [TestCase("\"releases\":3,", "", "'releases' is missing")]
    [TestCase("\"releases\":3", "\"releases\":-3", "'releases' is negative")]
    [TestCase("\"releases\":3", "\"releases\":3.5", "'releases' is not a whole number")]
    [TestCase("\"releases\":3", "\"releases\":3e0", "'releases' is not a whole number")]
    [TestCase("\"releases\":3", "\"releases\":9223372036854775808", "'releases' is not a whole number")]
    [TestCase("\"releases\":3", "\"releases\":null", "'releases' is not a whole number")]
    [TestCase("\"releases\":3", "\"releases\":[3]", "not a JSON object of plain values")]
    [TestCase("\"releases\":3", "\"releases\":-0", "not written the way")]
    [TestCase("\"releases\":3", "\"releases\":3,\"releases\":3", "'releases' is there twice")]
    [TestCase("\"size\":1234", "\"size\":-1", "'size' is negative")]
    [TestCase("\"size\":1234,", "\"size\":1234,\"colour\":1,", "'colour' is unknown")]
    [TestCase("\"size\":1234,", "\"size\":1234, ", "not written the way")]
    [TestCase("\"size\":1234,", "\"size\":1234,/**/", "not a JSON object")]
    [TestCase("\"shard\":\"00", "\"shard\":\"0", "'shard' is not 32")]
    [TestCase("\"shard\":\"00112233445566778899aabb", "\"shard\":\"00112233445566778899AABB", "'shard' is not 32")]
    [TestCase("\"store\":\"0123", "\"store\":\"xyz3", "'store' is not 32")]
    [TestCase("/ffee", "/../", "'key' is not")]
    [TestCase("/ffee", "/FFEE", "'key' is not")]
    [TestCase("\"key\":\"", "\"key\":\"../", "'key' is not")]
    [TestCase("ff/ffee", "ffffee", "'key' is not")]
    [TestCase("1700000000.123456789", "1700000000.12345678", "'mtime' is not a time")]
    [TestCase("1700000000.123456789", "01700000000.123456789", "'mtime' is not a time")]
    [TestCase("1700000000.123456789", "+1700000000.123456789", "'mtime' is not a time")]
    [TestCase("-5.000000001", "-0.000000001", "'ctime' is not a time")]
    [TestCase("-5.000000001", " 5.000000001", "'ctime' is not a time")]
    [TestCase("sha256:ba", "sha256:BA", "'digest' is not")]
    [TestCase("sha256:ba", "sha1:ba", "'digest' is not")]
    public void A_record_with_one_thing_wrong_is_refused_and_the_thing_is_named(string right, string wrong, string named)
    {
        Records.ExampleText.Should().Contain(right);
        Refusal(Records.ExampleText.Replace(right, wrong, StringComparison.Ordinal)).Should().Match($"*{named}*");
    }

    [TestCase("", "it is empty")]
    [TestCase("null", "not a JSON object")]
    [TestCase("[]", "not a JSON object")]
    [TestCase("{}", "'clusterhsm' is missing")]
    [TestCase("{\"clusterhsm\":1", "not a JSON object")]
    [TestCase("\uFEFF{}", "not a JSON object")]
    public void What_is_no_record_is_refused(string text, string named) => Refusal(text).Should().Match($"*{named}*");

    [TestCase("\n")]
    [TestCase("\0")]
    [TestCase("{}")]
    [TestCase("x")]
    public void Bytes_after_the_record_are_refused(string more) => Refusal(Records.ExampleText + more).Should().NotBeNull();

    [Test]
    public void A_record_cut_off_anywhere_is_refused()
    {
        for (int length = 0; length < Records.ExampleText.Length; length++)
            Refusal(Records.ExampleText[..length]).Should().NotBeNull();
    }

    [Test]
    public void A_record_over_the_limit_is_refused_by_its_length() =>
        Refusal(Records.ExampleText + new string(' ', 1025 - Records.ExampleText.Length)).Should().Contain("1025").And.Contain("1024");

    [Test]
    public void The_name_of_an_unknown_field_cannot_break_the_message()
    {
        string problem = Refusal("{\"clusterhsm\":1,\"\u007f[31m" + new string('é', 40) + "\":1}")!;
        problem.Should().NotContain("\u007f").And.Contain("?[31m").And.Contain("…");
    }

    [Test]
    public void A_record_that_could_not_be_read_back_is_not_written()
    {
        StubRecord[] wrong =
        [
            Records.Example with { State = (FileState)9 },
            Records.Example with { Size = -1 },
            Records.Example with { ReleaseCount = -1 },
            Records.Example with { Modified = new ShardTimestamp(0, -1) },
            Records.Example with { Changed = new ShardTimestamp(0, 1_000_000_000) },
        ];
        foreach (StubRecord record in wrong)
        {
            Action encode = () => StubRecordCodec.Encode(record);
            encode.Should().Throw<ArgumentException>();
        }
    }

    private static string? Refusal(string text)
    {
        bool decoded = StubRecordCodec.TryDecode(Encoding.UTF8.GetBytes(text), out StubRecord? record, out string? problem);
        decoded.Should().BeFalse();
        record.Should().BeNull();
        return problem;
    }
}
