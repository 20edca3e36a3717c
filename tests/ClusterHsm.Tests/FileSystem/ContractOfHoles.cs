using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Holes: punched, grown, found.</summary>
public abstract class ContractOfHoles<TShard> : ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    private const int Block = 65_536;

    [Test]
    public void A_punched_file_keeps_its_size_reads_as_zeros_and_gives_its_blocks_back()
    {
        IShardFile file = Punchable(10 * Block + 17);
        file.PunchHole(0, 10 * Block + 17);
        file.Flush();
        ShardFileInfo info = Other.GetInfo("file")!.Value;
        info.Size.Should().Be(10 * Block + 17);
        ReadAll("file").Should().Equal(new byte[10 * Block + 17]);
        if (Node.Capabilities.AllocationIsTruthful)
            info.AllocatedBytes.Should().BeLessThanOrEqualTo(4096, "of the data nothing is left, at most a block of attributes");
    }

    [Test]
    public void A_part_is_punched_to_the_byte()
    {
        byte[] bytes = Bytes(4 * Block);
        IShardFile file = Punchable(4 * Block);
        file.PunchHole(Block + 5, Block + 7);
        Array.Clear(bytes, Block + 5, Block + 7);
        ReadAll("file").Should().Equal(bytes);
    }

    [Test]
    public void Punching_past_the_end_does_not_grow_the_file()
    {
        IShardFile file = Punchable(1_000);
        file.PunchHole(500, 1 << 20);
        file.GetInfo().Size.Should().Be(1_000);
        ReadAll("file").Should().Equal([.. Bytes(1_000)[..500], .. new byte[500]]);
    }

    [Test]
    public void A_hole_can_be_filled_again()
    {
        IShardFile file = Punchable(3 * Block);
        file.PunchHole(0, 3 * Block);
        file.Write(Bytes(3 * Block, seed: 2), 0);
        ReadAll("file").Should().Equal(Bytes(3 * Block, seed: 2));
    }

    [Test]
    public void Growth_is_a_hole()
    {
        IShardFile file = Open("file");
        file.SetLength(8 * Block);
        file.Flush();
        ReadAll("file").Should().Equal(new byte[8 * Block]);
        if (Node.Capabilities.AllocationIsTruthful)
            file.GetInfo().AllocatedBytes.Should().BeLessThanOrEqualTo(4096);
    }

    [Test]
    public void Data_is_found_from_its_start_and_from_inside_it()
    {
        IShardFile file = Open("file");
        file.Write(Bytes(Block), 0);
        file.TryFindData(0, out long start, out long end).Should().BeTrue();
        (start, end).Should().Be((0, Block));
        file.TryFindData(100, out start, out end).Should().BeTrue();
        (start, end).Should().Be((100, Block));
    }

    [Test]
    public void Every_byte_that_was_written_lies_in_a_range_of_data()
    {
        IShardFile file = Open("file");
        file.SetLength(40 * Block);
        file.Write([1], 10 * Block + 3);
        file.Write([2], 30 * Block);
        var found = new List<long>();
        for (long at = 0; file.TryFindData(at, out long start, out long end); at = end)
        {
            start.Should().BeGreaterThanOrEqualTo(at);
            end.Should().BeGreaterThan(start).And.BeLessThanOrEqualTo(40 * Block);
            found.AddRange(new long[] { 10 * Block + 3, 30 * Block }.Where(b => start <= b && b < end));
        }
        found.Should().Equal(10 * Block + 3, 30 * Block);
    }

    [Test]
    public void There_is_no_data_at_or_after_the_end()
    {
        IShardFile file = Open("file");
        file.TryFindData(0, out _, out _).Should().BeFalse("it is empty");
        file.Write([1, 2, 3], 0);
        file.TryFindData(3, out _, out _).Should().BeFalse();
        file.TryFindData(1 << 20, out _, out _).Should().BeFalse();
    }

    [Test]
    public void A_hole_seen_as_one_reads_as_zeros()
    {
        IShardFile file = Open("file");
        file.SetLength(4 * Block);
        // Where holes cannot be seen all is data, which promises nothing.
        if (!file.TryFindData(0, out long start, out long end))
            ReadAll("file").Should().Equal(new byte[4 * Block]);
        else
            (start, end).Should().Be((0, 4 * Block));
    }

    private IShardFile Punchable(int length)
    {
        IShardFile file = Open("file");
        file.Write(Bytes(length), 0);
        file.Flush();
        if (!Node.Capabilities.CanPunchHoles)
        {
            ErrorOf(() => file.PunchHole(0, length)).Should().Be(ShardError.NotSupported);
            Assert.Ignore($"{Node.Capabilities.FileSystemType} cannot punch holes, and says so.");
        }
        return file;
    }
}
