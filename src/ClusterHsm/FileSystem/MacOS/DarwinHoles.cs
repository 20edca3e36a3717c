using System.Runtime.InteropServices;

namespace ClusterHsm.FileSystem.MacOS;

/// <summary>
/// Holes by F_PUNCHHOLE, which takes whole blocks only ("Holes must be aligned to file system block boundaries", fcntl(2)): the blocks
/// that a range covers in part are written with zeros instead. The file is never made shorter than it is, so that a crash in the midst of it
/// leaves no file that is shorter than its record says.
/// </summary>
internal static unsafe class DarwinHoles
{
    private const int ZerosAtOnce = 64 << 10;

    private static readonly byte[] Zeros = new byte[ZerosAtOnce];

    /// <summary>Makes a range zeros and frees the blocks that it covers.</summary>
    /// <param name="darwin">The system.</param>
    /// <param name="file">The file, opened for writing.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="end">The byte after the last; may lie past the end of the file.</param>
    /// <param name="size">The file's size.</param>
    /// <param name="block">The file system's block size in bytes.</param>
    /// <returns>0, or the error number.</returns>
    internal static int Punch(IDarwin darwin, SafeHandle file, long offset, long end, long size, long block)
    {
        if (offset >= size)
            return DarwinErrno.None;
        long stop = Math.Min(end, size);
        long first = RoundUp(offset, block);
        // The last block, which the file fills in part, belongs to a hole that reaches the end.
        long last = end >= size ? RoundUp(size, block) : end / block * block;
        if (first < last)
        {
            int errno = Call(darwin, file, first, last);
            if (errno == DarwinErrno.Invalid && last > size)
            {
                // Nothing is written about holes past the end of a file: should they be refused, that block stays, with zeros in it.
                last -= block;
                errno = first < last ? Call(darwin, file, first, last) : DarwinErrno.None;
            }
            if (errno == DarwinErrno.None && last > size)
                errno = PutSizeBack(darwin, file, size);
            if (errno != DarwinErrno.None)
                return errno;
        }
        long headEnd = Math.Min(first, stop);
        int failure = WriteZeros(darwin, file, offset, headEnd);
        return failure != DarwinErrno.None ? failure : WriteZeros(darwin, file, Math.Max(last, headEnd), stop);
    }

    private static long RoundUp(long value, long block) => value > long.MaxValue - block ? value / block * block : (value + block - 1) / block * block;

    private static int Call(IDarwin darwin, SafeHandle file, long start, long end)
    {
        DarwinHole hole = new() { Offset = start, Length = end - start };
        int answer;
        do
            answer = darwin.Control(file, DarwinConstants.PunchHole, (nint)(&hole));
        while (answer == -DarwinErrno.Interrupted);
        return answer < 0 ? -answer : DarwinErrno.None;
    }

    /// <summary>"This will not change the actual file size", says fcntl(2); of holes past the end it says nothing, so that is looked at.</summary>
    private static int PutSizeBack(IDarwin darwin, SafeHandle file, long size)
    {
        DarwinStat facts;
        int answer = darwin.Stat(file, &facts);
        return answer < 0 ? -answer : facts.Size > size ? -darwin.Truncate(file, size) : DarwinErrno.None;
    }

    private static int WriteZeros(IDarwin darwin, SafeHandle file, long start, long end)
    {
        fixed (byte* zeros = Zeros)
        {
            while (start < end)
            {
                long answer = darwin.Write(file, zeros, (nuint)Math.Min(end - start, ZerosAtOnce), start);
                if (answer > 0)
                    start += answer;
                else if (answer == 0)
                    return DarwinErrno.NoSpace; // POSIX leaves this open; going round again might never end
                else if (answer != -DarwinErrno.Interrupted)
                    return (int)-answer;
            }
        }
        return DarwinErrno.None;
    }
}
