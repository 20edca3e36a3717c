namespace ClusterHsm.Torture;

/// <summary>Reads random ranges of random files and has them judged. Keeps some files open, as programs do.</summary>
internal sealed class Reader(Party party, RunFiles run, Failing failing, Random random, Action<string> wrong)
{
    private const int MostOpen = 8, MostReadsInARow = 40, MostBlocks = 16;

    private readonly List<(int File, HsmFile Handle)> _open = [];
    private readonly Checker _checker = new(run.Ledger);
    private readonly byte[] _buffer = new byte[MostBlocks * FileImage.BlockLength];

    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !failing.IsHopeless)
        {
            int file = random.Next(run.Ledger.Files);
            try
            {
                HsmFile handle = Handle(ref file);
                for (int reads = random.Next(1, MostReadsInARow); reads > 0 && !stop.IsCancellationRequested; reads--)
                    Read(file, handle);
                failing.Succeed();
            }
            catch (Exception failure)
            {
                Close(0, _open.Count);
                if (failing.Fail($"read f{file}", failure) is { } inexcusable)
                    wrong(inexcusable);
                stop.WaitHandle.WaitOne(random.Next(200));
            }
            stop.WaitHandle.WaitOne(random.Next(30));
        }
        Close(0, _open.Count);
    }

    private HsmFile Handle(ref int file)
    {
        if (_open.Count > 0 && random.Next(3) == 0)
        {
            (file, HsmFile kept) = _open[random.Next(_open.Count)];
            return kept;
        }
        if (_open.Count == MostOpen)
            Close(random.Next(MostOpen), 1);
        StubAccess access = random.Next(4) == 0 ? StubAccess.ReadThrough : StubAccess.Recall;
        HsmFile handle = party.Volume.OpenFile(FileImage.PathOf(file), new HsmOpenOptions { StubAccess = access });
        run.Tally.Add(Count.Opens);
        _open.Add((file, handle));
        return handle;
    }

    private void Read(int file, HsmFile handle)
    {
        int blocks = FileImage.BlocksOf(file), first = random.Next(blocks), count = Math.Min(random.Next(1, MostBlocks + 1), blocks - first);
        bool isRelaxed = handle.Mode == Coordination.LockMode.Relaxed;
        _checker.Begin(file, first, count);
        int length = handle.Read(_buffer.AsSpan(0, count * FileImage.BlockLength), (long)first * FileImage.BlockLength);
        string? problem = _checker.End(file, first, _buffer.AsSpan(0, length));
        run.Tally.Add(Count.Reads);
        run.Tally.Add(Count.BytesRead, length);
        if (isRelaxed)
            run.Tally.Add(Count.RelaxedReads);
        if (problem is null)
            return;
        run.Tally.Add(Count.WrongReads);
        wrong($"WRONG BYTES read {(isRelaxed ? "relaxed" : "strict")}, now {handle.Mode}: {problem}");
    }

    private void Close(int first, int count)
    {
        for (int i = first; i < first + count; i++)
            _open[i].Handle.Dispose();
        _open.RemoveRange(first, count);
    }
}
