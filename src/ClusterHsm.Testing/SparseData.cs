namespace ClusterHsm.Testing;

/// <summary>A file's bytes: blocks of 4 KiB, those never written missing. Not thread-safe.</summary>
internal sealed class SparseData
{
    public const int BlockSize = 4096;

    private readonly SortedDictionary<long, byte[]> _blocks = [];

    public long Length { get; private set; }

    public long AllocatedBytes => (long)_blocks.Count * BlockSize;

    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= Length)
            return 0;
        int count = (int)Math.Min(buffer.Length, Length - offset);
        for (int done = 0; done < count;)
        {
            long block = (offset + done) / BlockSize;
            int start = (int)((offset + done) % BlockSize);
            int part = Math.Min(BlockSize - start, count - done);
            if (_blocks.TryGetValue(block, out byte[]? bytes))
                bytes.AsSpan(start, part).CopyTo(buffer[done..]);
            else
                buffer.Slice(done, part).Clear();
            done += part;
        }
        return count;
    }

    /// <summary>Writes until <paramref name="takeBlock"/> refuses a new block.</summary>
    /// <returns>Bytes written.</returns>
    public int Write(ReadOnlySpan<byte> buffer, long offset, Func<bool> takeBlock)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            long block = (offset + done) / BlockSize;
            int start = (int)((offset + done) % BlockSize);
            if (!_blocks.TryGetValue(block, out byte[]? bytes))
            {
                if (!takeBlock())
                    break;
                _blocks.Add(block, bytes = new byte[BlockSize]);
            }
            int part = Math.Min(BlockSize - start, buffer.Length - done);
            buffer.Slice(done, part).CopyTo(bytes.AsSpan(start));
            done += part;
        }
        if (done > 0)
            Length = Math.Max(Length, offset + done);
        return done;
    }

    public void SetLength(long length)
    {
        if (length < Length)
        {
            Punch(length, long.MaxValue - length);
        }
        Length = length;
    }

    /// <summary>Frees whole blocks and zeroes parts of blocks. A range that reaches the end frees the last block too.</summary>
    public void Punch(long offset, long length)
    {
        long end = offset > long.MaxValue - length || offset + length >= Length ? long.MaxValue : offset + length;
        foreach (long block in _blocks.Keys.Where(b => b * BlockSize < end && (b + 1) * BlockSize > offset).ToArray())
        {
            long start = Math.Max(offset, block * BlockSize);
            long stop = Math.Min(end, (block + 1) * BlockSize);
            if (stop - start == BlockSize)
                _blocks.Remove(block);
            else
                _blocks[block].AsSpan((int)(start % BlockSize), (int)(stop - start)).Clear();
        }
    }

    public bool TryFindData(long offset, out long start, out long end)
    {
        start = end = 0;
        if (offset >= Length)
            return false;
        bool found = false;
        foreach (long block in _blocks.Keys)
        {
            long from = block * BlockSize;
            if (!found)
            {
                if (from + BlockSize <= offset)
                    continue;
                start = Math.Max(from, offset);
                found = start < Length;
                if (!found)
                    return false;
            }
            else if (from != end)
            {
                break;
            }
            end = from + BlockSize;
        }
        end = Math.Min(end, Length);
        return found;
    }

    public SparseData Clone()
    {
        var clone = new SparseData { Length = Length };
        foreach ((long block, byte[] bytes) in _blocks)
            clone._blocks.Add(block, (byte[])bytes.Clone());
        return clone;
    }
}
