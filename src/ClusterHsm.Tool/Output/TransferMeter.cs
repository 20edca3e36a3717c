namespace ClusterHsm.Tool.Output;

/// <summary>Counts what a transfer has done, and tells from that how fast it is and how long it will take. Safe for several threads.</summary>
internal sealed class TransferMeter(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Started> _underWay = new(StringComparer.Ordinal);
    private readonly SlidingRate _files = new(clock);

    /// <summary>What was moved.</summary>
    private readonly SlidingRate _bytes = new(clock);

    /// <summary>The same, and the size of files that needed no move or got none: by this the end is told.</summary>
    private readonly SlidingRate _progress = new(clock);
    private (long Files, long Bytes)? _total;

    /// <summary>A file that is to be transferred.</summary>
    public void Begin(string path, long size)
    {
        lock (_gate)
            _underWay[path] = new Started(size, 0);
    }

    /// <summary>A file of which nothing has to be transferred, or that nobody has begun before it was through.</summary>
    public void Pass(long size)
    {
        lock (_gate)
        {
            _files.Add(1);
            _progress.Add(size);
        }
    }

    /// <summary>A piece of a file has been transferred.</summary>
    public void Move(string path, long bytes)
    {
        lock (_gate)
        {
            _bytes.Add(bytes);
            _progress.Add(bytes);
            if (_underWay.TryGetValue(path, out Started file))
                _underWay[path] = file with { Moved = file.Moved + bytes };
        }
    }

    /// <summary>A file that was begun is through, whatever came of it. Nothing if it was not begun.</summary>
    public void End(string path)
    {
        lock (_gate)
        {
            if (!_underWay.Remove(path, out Started file))
                return;
            _files.Add(1);
            _progress.Add(file.Size - file.Moved);
        }
    }

    /// <summary>All that there is to do, from now on.</summary>
    public void SetTotal(long files, long bytes)
    {
        lock (_gate)
            _total = (files, bytes);
    }

    public TransferStatus Read()
    {
        lock (_gate)
        {
            double? filesPerSecond = _files.PerSecond, progressPerSecond = _progress.PerSecond;
            TimeSpan? left = null;
            if (_total is { } total)
            {
                // Small files are told by their number, large ones by their bytes: what takes longer is true.
                TimeSpan? byFiles = TimeFor(total.Files - _files.Total, filesPerSecond), byBytes = TimeFor(total.Bytes - _progress.Total, progressPerSecond);
                left = byFiles > byBytes ? byFiles : byBytes ?? byFiles;
                if (total.Bytes <= _progress.Total)
                    left = byFiles;
            }
            return new TransferStatus
            {
                Files = _files.Total,
                TotalFiles = _total is { } known ? Math.Max(known.Files, _files.Total) : null,
                Bytes = _bytes.Total,
                Progress = _progress.Total,
                TotalBytes = _total is { } sizes ? Math.Max(sizes.Bytes, _progress.Total) : null,
                FilesPerSecond = filesPerSecond,
                BytesPerSecond = _bytes.PerSecond,
                Left = left,
            };
        }
    }

    private static TimeSpan? TimeFor(long amount, double? perSecond)
    {
        if (amount <= 0)
            return TimeSpan.Zero;
        // Above this nobody believes it, and a rate of next to nothing says no more than one of nothing.
        double seconds = perSecond is > 0 and { } rate ? amount / rate : double.PositiveInfinity;
        return seconds < TimeSpan.FromDays(1000).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private readonly record struct Started(long Size, long Moved);
}

/// <summary>How far a transfer is.</summary>
internal readonly record struct TransferStatus
{
    /// <summary>Files that are through.</summary>
    public long Files { get; init; }

    /// <summary>Null while it is not known.</summary>
    public long? TotalFiles { get; init; }

    /// <summary>Bytes that were moved.</summary>
    public long Bytes { get; init; }

    /// <summary>The same, and the size of files that are through without.</summary>
    public long Progress { get; init; }

    /// <summary>What <see cref="Progress"/> will be at the end; null while it is not known.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>Null while nobody can tell.</summary>
    public double? FilesPerSecond { get; init; }

    /// <summary>Null while nobody can tell.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Null while nobody can tell.</summary>
    public TimeSpan? Left { get; init; }
}
