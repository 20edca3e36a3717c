using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClusterHsm.Torture;

/// <summary>The last events of all processes, in a ring that they share, with the time of the monotonic clock. Reads are not in it.</summary>
internal sealed class History(string path, string who) : IDisposable
{
    private const int Slots = 1 << 16, SlotLength = 256, HeadLength = 8, Begin = 4096;
    private readonly SharedMemory _memory = new(path, Begin + (long)Slots * SlotLength);

    /// <summary>When the run began, for <see cref="Seconds"/>: the first who opens it says so.</summary>
    private long Origin
    {
        get
        {
            Interlocked.CompareExchange(ref _memory.Long(1), Stopwatch.GetTimestamp(), 0);
            return Volatile.Read(ref _memory.Long(1));
        }
    }

    public double Seconds => Stopwatch.GetElapsedTime(Origin).TotalSeconds;

    public void Add(string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{Seconds,10:0.000} {who,-11} {text}");
        long number = Interlocked.Increment(ref _memory.Long(0)) - 1;
        Span<byte> slot = _memory.Bytes(Begin + number % Slots * SlotLength, SlotLength);
        slot.Clear();
        Encoding.Latin1.GetBytes(line.AsSpan(0, Math.Min(line.Length, SlotLength - HeadLength)), slot[HeadLength..]);
        BitConverter.TryWriteBytes(slot, number + 1);
    }

    /// <summary>All that are still there, the oldest first.</summary>
    public IEnumerable<string> Lines()
    {
        long end = Volatile.Read(ref _memory.Long(0));
        for (long number = Math.Max(0, end - Slots); number < end; number++)
        {
            if (Line(number) is { } line)
                yield return line;
        }
    }

    public void Dispose() => _memory.Dispose();

    private string? Line(long number)
    {
        ReadOnlySpan<byte> slot = _memory.Bytes(Begin + number % Slots * SlotLength, SlotLength);
        return BitConverter.ToInt64(slot) == number + 1 ? Encoding.Latin1.GetString(slot[HeadLength..]).TrimEnd('\0') : null;
    }
}
