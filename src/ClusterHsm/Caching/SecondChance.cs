using System.Numerics;

namespace ClusterHsm.Caching;

/// <summary>Chooses which of a line's seven slots is given up, by the line's reference bits.</summary>
/// <remarks>
/// Second chance (F. J. Corbató, "A Paging Experiment with the Multics System", MIT Project MAC, 1968) with two changes
/// that let a scan pass: a referenced slot keeps its bit when the hand passes it, until all seven have one; and for half of
/// the inserts the hand stays at the slot just filled, which the next insert then takes unless it was hit meanwhile, as in
/// bimodal insertion (M. K. Qureshi et al., "Adaptive Insertion Policies for High Performance Caching", ISCA 2007).
/// The half was found by measurement: of always, 1/2, 1/4, 1/8 and never it is the one that loses on no trace by two points to an LRU.
/// </remarks>
internal static class SecondChance
{
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
            return (hand, 0, Next(hand));
        }

        uint fromHand = free & (uint.MaxValue << hand);
        int victim = BitOperations.TrailingZeroCount(fromHand != 0 ? fromHand : free);
        return (victim, references, moveHand ? Next(victim) : hand);
    }

    /// <summary>The slot after <paramref name="slot"/>, in 1…7.</summary>
    private static int Next(int slot) => slot >= InodeCacheLine.Slots ? 1 : slot + 1;
}
