using ClusterHsm.Torture;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Torture;

/// <summary>The torture's checker can fail: each thing that may not be read is told by its name.</summary>
[TestFixture]
public sealed class CheckerTests
{
    private const int File = 2, Block = 1;
    private string _folder = null!;
    private Ledger _ledger = null!;
    private Checker _checker = null!;

    [SetUp]
    public void MakeLedger()
    {
        _folder = Directory.CreateTempSubdirectory().FullName;
        _ledger = new Ledger(Path.Combine(_folder, "ledger"), files: 4);
        _ledger.Begin(File, version: 1);
        _checker = new Checker(_ledger);
    }

    [TearDown]
    public void RemoveLedger()
    {
        _ledger.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void What_was_written_is_legal() => Read(BytesOf(1)).Should().BeNull();

    [Test]
    public void A_hole_is_reported() => Read(new byte[FileImage.BlockLength]).Should().Contain("is a hole");

    [TestCase(0)]
    [TestCase(FileImage.BlockLength - 512)]
    public void A_hole_in_a_block_is_reported(int at)
    {
        byte[] bytes = BytesOf(1);
        bytes.AsSpan(at, 512).Clear();

        Read(bytes).Should().Contain($"has a hole at byte {at}");
    }

    [Test]
    public void A_torn_block_is_reported()
    {
        Write(2);
        byte[] bytes = BytesOf(1);
        BytesOf(2).AsSpan(0, 1000).CopyTo(bytes);

        Read(bytes).Should().Contain("is torn: it begins as version 2 and differs at byte 1000");
    }

    [Test]
    public void A_mixture_of_old_and_new_is_legal_only_while_the_new_is_written()
    {
        byte[] bytes = BytesOf(1);
        BytesOf(2).AsSpan(0, 1000).CopyTo(bytes);
        _ledger.BeginWrite(File, Block, 1);

        Read(bytes).Should().BeNull();

        _ledger.EndWrite(File, Block, 1, version: 2);
        Read(bytes).Should().Contain("is torn");
    }

    [Test]
    public void A_mixture_with_zeros_or_with_anything_else_is_never_legal()
    {
        byte[] bytes = BytesOf(1);
        bytes.AsSpan(1000, 8).Clear();
        _ledger.BeginWrite(File, Block, 1);

        Read(bytes).Should().Contain("has a hole at byte 1000");

        bytes = BytesOf(1);
        bytes[2000] ^= 0xFF;
        Read(bytes).Should().Contain("is torn");
    }

    [Test]
    public void A_version_older_than_what_was_written_before_the_read_is_reported()
    {
        Write(2);

        Read(BytesOf(1)).Should().Contain("has version 1, but 2 to 2 may be seen");
    }

    [Test]
    public void A_version_that_was_replaced_during_the_read_is_legal()
    {
        _checker.Begin(File, Block, 1);
        Write(2);

        _checker.End(File, Block, BytesOf(1)).Should().BeNull();
    }

    [Test]
    public void After_a_write_that_was_cut_off_either_version_is_legal_but_what_was_seen_stays()
    {
        _ledger.BeginWrite(File, Block, 1);
        _ledger.EndWrites(File);

        Read(BytesOf(1)).Should().BeNull();
        Read(BytesOf(2)).Should().BeNull();
        Read(BytesOf(1)).Should().Contain("has version 1, but 2 to 2 may be seen");
    }

    [Test]
    public void A_version_that_nobody_has_begun_is_reported() =>
        Read(BytesOf(2)).Should().Contain("has version 2, but 1 to 1 may be seen");

    [Test]
    public void A_block_of_elsewhere_is_reported()
    {
        byte[] other = new byte[FileImage.BlockLength];
        FileImage.Fill(other, File, Block + 1, 1);
        Read(other).Should().Contain($"is block {Block + 1} of {FileImage.PathOf(File)}");

        FileImage.Fill(other, File + 1, Block, 1);
        Read(other).Should().Contain($"is block {Block} of {FileImage.PathOf(File + 1)}");
    }

    [Test]
    public void Bytes_of_nobody_are_reported() => Read([.. Enumerable.Repeat((byte)7, FileImage.BlockLength)]).Should().Contain("is of nobody's");

    [Test]
    public void A_file_that_is_too_short_is_legal_only_until_a_truncation_is_made_up_for()
    {
        Read([]).Should().Contain("has 0 bytes instead of 4096");

        _ledger.BeginTruncation(File);
        Read([]).Should().BeNull();
        Read(BytesOf(1).AsSpan(0, 1000)).Should().BeNull();
        Read(new byte[1000]).Should().Contain("is a hole");

        _ledger.CompleteTruncation(File);
        Read([]).Should().Contain("has 0 bytes instead of 4096");
    }

    private static byte[] BytesOf(long version)
    {
        byte[] bytes = new byte[FileImage.BlockLength];
        FileImage.Fill(bytes, File, Block, version);
        return bytes;
    }

    private void Write(long version)
    {
        _ledger.BeginWrite(File, Block, 1).Should().Be(version);
        _ledger.CompleteWrite(File, Block, 1, version);
    }

    private string? Read(ReadOnlySpan<byte> bytes)
    {
        _checker.Begin(File, Block, 1);
        return _checker.End(File, Block, bytes);
    }
}
