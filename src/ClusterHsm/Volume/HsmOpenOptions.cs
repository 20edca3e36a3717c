namespace ClusterHsm;

/// <summary>How a file is opened.</summary>
public readonly record struct HsmOpenOptions
{
    /// <summary>To read, to write, or both.</summary>
    /// <value><see cref="FileAccess.Read"/> by default.</value>
    public FileAccess Access { get; init; }

    /// <summary>
    /// Open, create or truncate. <see cref="FileMode.Create"/> and <see cref="FileMode.Truncate"/> throw a stub's data away without a
    /// transfer. <see cref="FileMode.Append"/> is not offered: two nodes that append overwrite each other on some file systems.
    /// </summary>
    /// <value><see cref="FileMode.Open"/> by default.</value>
    public FileMode Mode { get; init; }

    /// <summary>What to do about a stub.</summary>
    /// <value><see cref="StubAccess.Recall"/> by default.</value>
    public StubAccess StubAccess { get; init; }

    /// <summary>
    /// Whether it is going to be read from front to back, so that the kernel reads farther ahead: as
    /// <see cref="FileOptions.SequentialScan"/>. A hint, of one system call at open (<c>posix_fadvise</c>; macOS: F_RDAHEAD; Windows: none).
    /// </summary>
    /// <value>False by default. A stream of <see cref="HsmFile.AsStream"/> that is read so gives the hint by itself.</value>
    public bool SequentialScan { get; init; }

    internal HsmOpenOptions Checked()
    {
        FileAccess access = Access == 0 ? FileAccess.Read : Access;
        FileMode mode = Mode == 0 ? FileMode.Open : Mode;
        if (mode is < FileMode.CreateNew or >= FileMode.Append) // the last of them
            throw new ArgumentException($"The file mode {mode} is not offered: write at the offset that you mean.");
        if ((access & ~FileAccess.ReadWrite) != 0)
            throw new ArgumentException($"There is no file access {access}.");
        if (mode != FileMode.Open && !access.HasFlag(FileAccess.Write))
            throw new ArgumentException($"The file mode {mode} needs write access.");
        if (access.HasFlag(FileAccess.Write) && StubAccess is StubAccess.ReadThrough or StubAccess.StubOnly)
            throw new ArgumentException($"A stub cannot be written in place: {nameof(StubAccess)}.{StubAccess} is for reading.");
        return this with { Access = access, Mode = mode };
    }

    internal bool Truncates => Mode is FileMode.Create or FileMode.Truncate;
}
