using System.Numerics;
using System.Runtime.CompilerServices;
using ClusterHsm.Caching;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Caching;

public unsafe class InodeCacheLineTests
{
    [Test]
    public void A_line_is_64_bytes_and_its_buffer_is_aligned_to_it()
    {
        sizeof(InodeCacheLine).Should().Be(64);
        for (int lines = 1; lines < 50; lines++)
        {
            var buffer = new InodeCacheBuffer(lines);
            ((nuint)buffer.Lines % 64).Should().Be(0);
            ((nuint)buffer.Lines - (nuint)Unsafe.AsPointer(ref InodeCacheBuffer.EpochBefore(buffer.Lines))).Should().BeGreaterThanOrEqualTo(64);
            GC.KeepAlive(buffer);
        }
    }

    [TestCase(1_000_000)]
    [TestCase(10_000_000)]
    public void Memory_is_at_most_ten_bytes_an_entry(int capacity)
    {
        ((double)new InodeCache(capacity).MemoryBytes / capacity).Should().BeLessThanOrEqualTo(10);
    }

    [Test]
    public void Vector_and_portable_comparison_find_the_same_slots_and_never_the_header()
    {
        var random = new Random(1);
        var buffer = new InodeCacheBuffer(1);
        InodeCacheLine* line = buffer.Lines;
        for (int round = 0; round < 10_000; round++)
        {
            for (int slot = 0; slot <= InodeCacheLine.Slots; slot++)
            {
                InodeCacheLine.Key(line, slot) = (ulong)random.Next(4) << random.Next(2) * 40;
            }

            ulong key = (ulong)random.Next(4) << random.Next(2) * 40;
            uint expected = 0;
            for (int slot = 1; slot <= InodeCacheLine.Slots; slot++)
            {
                expected |= InodeCacheLine.Key(line, slot) == key ? 1u << slot : 0;
            }

            InodeCacheLine.Match(line, key).Should().Be(expected);
            uint references = (uint)random.Next(256) & InodeCacheLine.SlotMask;
            InodeCacheLine.MatchReferenced(line, references, key).Should().Be(expected & references);
            InodeCacheLine.MatchPortable(line, key).Should().Be(expected);
        }

        GC.KeepAlive(buffer);
    }

    [Test]
    public void A_hash_is_the_same_by_the_instruction_and_without_it_and_has_32_bits()
    {
        var random = new Random(1);
        for (int round = 0; round < 1000; round++)
        {
            ulong inode = (ulong)random.NextInt64() >> random.Next(64);

            InodeHash.Mix(inode).Should().Be(BitOperations.Crc32C(0, inode * 0x2545F491));
        }
    }

    [Test]
    public void A_hit_marks_its_slot_and_leaves_lock_hand_and_epoch_alone()
    {
        var buffer = new InodeCacheBuffer(1);
        InodeCacheLine* line = buffer.Lines;
        InodeCacheLine.Publish(line, epoch: 0x1234_5678_9ABC, hand: 5, references: 0b10);
        InodeCacheLine.TryLock(line, InodeCacheLine.ReadHeader(line)).Should().BeTrue();

        InodeCacheLine.Touch(line, InodeCacheLine.ReadHeader(line), 0b1000_0000);

        ulong header = InodeCacheLine.ReadHeader(line);
        InodeCacheLine.EpochOf(header).Should().Be(0x1234_5678_9ABC);
        InodeCacheLine.HandOf(header).Should().Be(5);
        (header & InodeCacheLine.LockBit).Should().NotBe(0);
        InodeCacheLine.ReadReferences(line).Should().Be(0b1000_0010);
        GC.KeepAlive(buffer);
    }

    [Test]
    public void Second_chance_takes_the_first_slot_from_the_hand_on_that_was_not_hit()
    {
        for (uint references = 0; references <= InodeCacheLine.SlotMask; references += 2)
        {
            for (int hand = 1; hand <= 7; hand++)
            {
                int expected = Enumerable.Range(0, 7).Select(i => ((hand - 1 + i) % 7) + 1).FirstOrDefault(slot => (references >> slot & 1) == 0, hand);
                bool all = references == InodeCacheLine.SlotMask;
                uint kept = all
                    ? (uint)Enumerable.Range(4, 3).Sum(i => 1 << (((hand - 1 + i) % 7) + 1))
                    : references;

                SecondChance.Choose(references, hand, moveHand: true).Should().Be((expected, kept, (expected % 7) + 1));
                SecondChance.Choose(references, hand, moveHand: false).Should().Be((expected, kept, all ? (hand % 7) + 1 : hand));
            }
        }
    }
}
