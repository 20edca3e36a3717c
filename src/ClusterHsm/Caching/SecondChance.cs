using System.Numerics;

namespace ClusterHsm.Caching;

/// <summary>Chooses which of a line's seven slots is given up, by the line's reference bits.</summary>
/// <remarks>
/// Second chance (F. J. Corbató, "A Paging Experiment with the Multics System", MIT Project MAC, 1968) with two changes
/// that let a scan pass: a slot that was hit keeps its bit when the hand passes it, until all seven have one; and for half of
/// the inserts the hand stays at the slot just filled, which the next insert then takes unless it was hit meanwhile, as in
/// bimodal insertion (M. K. Qureshi et al., "Adaptive Insertion Policies for High Performance Caching", ISCA 2007).
/// The half was found by simulation against an LRU: always moving lost four points on a scan that comes again, moving for
/// one insert in eight or never lost more than two on scans that look at each inode twice.
/// </remarks>
internal static class SecondChance
{
    /// <summary>
    /// The victim and the three slots after it, as bits from the hand on: those that lose their reference when all seven
    /// have one. All seven would lay a whole line open to the next scan, two would keep what was once hit too long.
    /// </summary>
    private const int Forgotten = 0b1111;

    /// <summary>The first slot from the hand on that was not hit; the hand's own if all were.</summary>
    /// <param name="references">Bits 1…7: slots that were hit.</param>
    /// <param name="hand">1…7.</param>
    /// <param name="moveHand">Whether the hand moves past the victim.</param>
    /// <returns>The slot, 1…7; the reference bits afterwards, the victim's not set; the hand, 1…7.</returns>
    public static (int Victim, uint References, int Hand) Choose(uint references, int hand, bool moveHand)
    {
        uint free = ~references & InodeCacheLine.SlotMask;
        if (free == 0)
        {
            // Turned within the seven bits: what is shifted out at the top comes in at bit 1.
            uint passed = (uint)(Forgotten << hand);
            return (hand, references & ~(passed | (passed >> InodeCacheLine.Slots)), Next(hand));
        }

        uint fromHand = free & (uint.MaxValue << hand);
        int victim = BitOperations.TrailingZeroCount(fromHand != 0 ? fromHand : free);
        return (victim, references, moveHand ? Next(victim) : hand);
    }

    /// <summary>The slot after <paramref name="slot"/>, in 1…7.</summary>
    private static int Next(int slot) => slot >= InodeCacheLine.Slots ? 1 : slot + 1;
}
