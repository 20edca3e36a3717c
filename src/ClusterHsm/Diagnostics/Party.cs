using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>One of the two sides of a trial, asked with a time limit. Once it has failed to answer, it is lost for good.</summary>
internal sealed class Party(IDoctorPartner partner, string name, TimeSpan answerTimeout) : IAsyncDisposable
{
    private string? _lostBecause;

    /// <summary>For messages: "this process", "the partner process 17".</summary>
    public string Name { get; set; } = name;

    /// <summary>What it said of itself, or null if it was not asked.</summary>
    public PartnerAnswer? Greeting { get; set; }

    /// <summary>Why it is of no use any more, or null.</summary>
    public string? LostBecause => _lostBecause;

    /// <summary>A party that is lost from the beginning.</summary>
    public static Party Missing(string name, string because) => new(new NoPartner(), name, Timeout.InfiniteTimeSpan) { _lostBecause = because };

    /// <exception cref="PartyFailedException">It is lost, or the file system failed there.</exception>
    public async Task<PartnerAnswer> AskAsync(PartnerRequest request, CancellationToken cancellationToken)
    {
        if (_lostBecause is not null)
            throw new PartyFailedException(_lostBecause, ShardError.None);
        PartnerAnswer answer;
        try
        {
            // On another thread, because the file system may hang in the call (the time limit then ends the wait and not the call).
            string line = await Task.Run(() => partner.AskAsync(PartnerJson.Write(request), cancellationToken).AsTask(), cancellationToken)
                .WaitAsync(answerTimeout, cancellationToken).ConfigureAwait(false);
            answer = PartnerJson.ReadAnswer(line);
        }
        catch (TimeoutException)
        {
            throw Lose($"{Name} did not answer within {Words.Span(answerTimeout)} when it was asked to {Verb(request.Operation)}");
        }
        catch (IOException failure)
        {
            // Ctrl-C in a terminal ends both processes: then it is that, and not a loss.
            cancellationToken.ThrowIfCancellationRequested();
            throw Lose($"{Name} was lost: {failure.Message.TrimEnd('.')}");
        }
        catch (System.Text.Json.JsonException)
        {
            throw Lose($"{Name} gave an answer that cannot be read");
        }
        return answer.Error == ShardError.None ? answer : throw new PartyFailedException($"{Name}: {answer.Text}", answer.Error);
    }

    /// <summary>Opens a file there.</summary>
    public async Task<PartyFile> OpenAsync(string path, ShardOpenOptions options, CancellationToken cancellationToken)
    {
        PartnerAnswer answer = await AskAsync(new(PartnerOperation.Open) { Path = path, Options = options }, cancellationToken).ConfigureAwait(false);
        return new PartyFile(this, (int)answer.Number, answer.Inode);
    }

    /// <summary>Its clock, in nanoseconds.</summary>
    public async Task<long> ReadClockAsync(CancellationToken cancellationToken) =>
        (await AskAsync(new(PartnerOperation.Clock), cancellationToken).ConfigureAwait(false)).Number;

    /// <summary>Closes every file there. Whether it could is seen at the next question.</summary>
    public async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(new(PartnerOperation.CloseAll), cancellationToken).ConfigureAwait(false);
        }
        catch (PartyFailedException)
        {
            // A lost party says so when it is asked the next time.
        }
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        try
        {
            await partner.KillAsync(cancellationToken).AsTask().WaitAsync(answerTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Lose($"{Name} did not die within {Words.Span(answerTimeout)} after it was killed: it hangs in a call of the file system");
        }
    }

    public ValueTask DisposeAsync() => partner.DisposeAsync();

    private PartyFailedException Lose(string because)
    {
        _lostBecause = because;
        return new PartyFailedException(because, ShardError.None);
    }

    private static string Verb(PartnerOperation operation) => operation switch
    {
        PartnerOperation.Hello => "begin",
        PartnerOperation.CloseAll => "close its files",
        PartnerOperation.Lock or PartnerOperation.LockUnaccounted or PartnerOperation.Flock or PartnerOperation.PosixLock => "lock",
        PartnerOperation.Unlock or PartnerOperation.Unflock or PartnerOperation.PosixUnlock => "unlock",
        PartnerOperation.QueryLock => "ask after a lock",
        PartnerOperation.ReadAttribute => "read an attribute",
        PartnerOperation.WriteAttribute => "write an attribute",
        PartnerOperation.Punch => "punch a hole",
        PartnerOperation.FindData => "look for data",
        PartnerOperation.Info => "look at a file",
        PartnerOperation.SetTimes or PartnerOperation.Touch => "set times",
        PartnerOperation.ExcludeOpeners or PartnerOperation.AdmitOpeners => "take or give back a lease",
        PartnerOperation.Clock => "read its clock",
        _ => operation.ToString().ToLowerInvariant() + " a file",
    };

    private sealed class NoPartner : IDoctorPartner
    {
        public ValueTask<string> AskAsync(string request, CancellationToken cancellationToken) => throw new IOException("there is none");

        public ValueTask KillAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A party could not do what it was asked to; the message is a complete clause.</summary>
internal sealed class PartyFailedException(string message, ShardError error) : Exception(message)
{
    /// <summary>What the file system said, or None if the party is lost.</summary>
    public ShardError Error => error;
}
