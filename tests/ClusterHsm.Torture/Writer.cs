using System.Diagnostics;

namespace ClusterHsm.Torture;

/// <summary>Writes new versions of the files that are this node's to write, and notes each in the ledger before and after.</summary>
internal sealed class Writer(Party party, RunFiles run, ChildOptions options, Failing failing, Random random, Action<string> wrong)
{
    private const int MostBlocks = 32;

    private readonly int[] _files = [.. FilesOf(options.Index, options.Nodes, options.Files)];

    private readonly byte[] _buffer = new byte[MostBlocks * FileImage.BlockLength];

    /// <summary>The files that a node writes.</summary>
    public static IEnumerable<int> FilesOf(int node, int nodes, int files) =>
        Enumerable.Range(0, files).Where(FileImage.IsWritten).Where((_, i) => i % nodes == node);

    public void Run(CancellationToken stop)
    {
        // Whoever wrote them before was killed: what he sent may still be on its way.
        foreach (int file in _files.Where(run.Ledger.HasUnendedWrites))
            Hold(file);
        while (!stop.IsCancellationRequested && !failing.IsHopeless && _files.Length > 0)
        {
            int file = _files[random.Next(_files.Length)];
            if (Stopwatch.GetTimestamp() >= Volatile.Read(ref run.Ledger.HeldUntil(file)))
                Write(file);
            stop.WaitHandle.WaitOne(random.Next(40, 600));
        }
    }

    private void Write(int file)
    {
        bool mustBeWhole = run.Ledger.TruncationsDone(file) != run.Ledger.TruncationsBegun(file);
        int blocks = FileImage.BlocksOf(file), kind = random.Next(10);
        bool truncates = kind == 0 && blocks <= MostBlocks;
        bool isWhole = mustBeWhole || truncates || (kind < 4 && blocks <= 400);
        int first = isWhole ? 0 : random.Next(blocks);
        int count = isWhole ? blocks : Math.Min(random.Next(1, MostBlocks + 1), blocks - first);
        try
        {
            if (truncates)
                run.Ledger.BeginTruncation(file);
            run.History.Add($"f{file} writes {(truncates ? "truncated " : "")}blocks {first} to {first + count - 1}");
            using HsmFile handle = party.Volume.OpenFile(FileImage.PathOf(file),
                new HsmOpenOptions { Access = FileAccess.ReadWrite, Mode = truncates ? FileMode.Truncate : FileMode.Open });
            for (int at = first; at < first + count; at += MostBlocks)
                WritePiece(file, handle, at, Math.Min(MostBlocks, first + count - at));
            if (isWhole)
                run.Ledger.CompleteTruncation(file);
            if (random.Next(4) == 0)
                handle.Flush();
            run.Tally.Add(truncates ? Count.TruncatingWrites : Count.Writes);
            failing.Succeed();
        }
        catch (Exception failure)
        {
            Hold(file);
            if (failing.Fail($"f{file} write", failure) is { } inexcusable)
                wrong(inexcusable);
        }
    }

    private void WritePiece(int file, HsmFile handle, int first, int count)
    {
        long version = run.Ledger.BeginWrite(file, first, count);
        int length = 0;
        for (int block = first; block < first + count; block++)
        {
            int piece = FileImage.LengthOf(file, block);
            FileImage.Fill(_buffer.AsSpan(length, piece), file, block, version);
            length += piece;
        }
        bool isDone = false;
        try
        {
            handle.Write(_buffer.AsSpan(0, length), (long)first * FileImage.BlockLength);
            isDone = true;
        }
        finally
        {
            if (isDone)
                run.Ledger.CompleteWrite(file, first, count, version);
            else if (options.HoldSeconds == 0)
                run.Ledger.EndWrite(file, first, count, version);
        }
        run.History.Add($"f{file} wrote v{version} of blocks {first} to {first + count - 1}");
    }

    private void Hold(int file) =>
        Volatile.Write(ref run.Ledger.HeldUntil(file), Stopwatch.GetTimestamp() + (long)(options.HoldSeconds * Stopwatch.Frequency));
}
