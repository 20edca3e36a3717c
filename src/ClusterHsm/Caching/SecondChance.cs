using System.Numerics;

namespace ClusterHsm.Caching;

/// <summary>
/// Chooses which of a line's seven slots is given up: second chance, also called CLOCK (F. J. Corbató, "A Paging
/// Experiment with the Multics System", MIT Project MAC, 1968), on the line's reference bits.
/// </summary>
internal static class SecondChance
{
    /// <summary>
    /// The first slot from the hand on that was not hit since the hand last passed it; those it passes lose their bit.
    /// </summary>
    /// <param name="references">Bits 1…7: slots that were hit.</param>
    /// <param name="hand">1…7.</param>
    /// <returns>The slot, 1…7, and the reference bits afterwards, the victim's own not set.</returns>
    public static (int Victim, uint References) Choose(uint references, int hand)
    {
        uint free = ~references & InodeCacheLine.SlotMask;
        uint fromHand = InodeCacheLine.SlotMask & (uint.MaxValue << hand);
        if ((free & fromHand) != 0)
        {
            int ahead = BitOperations.TrailingZeroCount(free & fromHand);
            return (ahead, references & ~(fromHand & ~(uint.MaxValue << ahead)));
        }

        if (free == 0)
        {
            return (hand, 0);
        }

        int behind = BitOperations.TrailingZeroCount(free);
        return (behind, references & ~fromHand & (uint.MaxValue << behind));
    }

    /// <summary>The slot after <paramref name="slot"/>, in 1…7.</summary>
    public static int Next(int slot) => slot >= InodeCacheLine.Slots ? 1 : slot + 1;
}
