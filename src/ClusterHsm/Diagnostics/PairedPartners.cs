using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Partners on another computer, where a <see cref="PairingListener"/> waits on the same volume.</summary>
/// <remarks>Asked one thing at a time, all of them together.</remarks>
internal sealed class PairedPartners(IShardFileSystem shard, TimeSpan answerTimeout)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly PairingPlace _place = PairingPlace.Of(shard);
    private readonly Guid _session = Guid.NewGuid();
    private int _number;
    private int _started;

    /// <summary>Starts one there.</summary>
    /// <exception cref="IOException">Nobody listens there, or it cannot be started.</exception>
    public async ValueTask<IDoctorPartner> StartAsync(CancellationToken cancellationToken)
    {
        int partner = ++_started;
        if (await SendAsync(PairingVerb.Start, partner, "", answerTimeout, cancellationToken).ConfigureAwait(false) is null)
            throw new IOException($"nobody listens. Start 'clusterhsm doctor {shard.Root} --listen' on the other computer; a listener was waited for for {Words.Span(answerTimeout)}");
        return new Partner(this, partner);
    }

    /// <returns>The answer, or null if there was none in time, or if something else has been asked meanwhile.</returns>
    private async Task<string?> SendAsync(PairingVerb verb, int partner, string text, TimeSpan patience, CancellationToken cancellationToken)
    {
        PairingLetter letter = new(_session, Interlocked.Increment(ref _number), verb, partner, text);
        long begin = shard.Clock.GetTimestamp();
        bool isPut = TryPut(letter);
        for (TimeSpan pause = ShortestPause; letter.Number == Volatile.Read(ref _number); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            if (PairingLetter.Look(shard, _place.Answers) is { } answer && (answer.Session, answer.Number) == (_session, letter.Number))
                return answer.Kind == PairingVerb.Done ? answer.Text : throw new IOException(answer.Text);
            // The first one again and again: the files may be those of a listener that has died, and another be on its way.
            if (verb == PairingVerb.Start)
                TryPut(letter);
            else if (!isPut || shard.GetInfo(_place.Answers) is null)
                throw new IOException("the listener has ended");
            if (shard.Clock.GetElapsedTime(begin) >= patience)
                return null;
        }
        return null;
    }

    /// <returns>False if the listener's file is not there yet.</returns>
    private bool TryPut(PairingLetter letter)
    {
        try
        {
            letter.Put(shard, _place.Asks);
            return true;
        }
        catch (ShardIOException failure) when (failure.Error == ShardError.NotFound)
        {
            return false;
        }
    }

    private sealed class Partner(PairedPartners line, int number) : IDoctorPartner
    {
        public async ValueTask<string> AskAsync(string request, CancellationToken cancellationToken) =>
            await line.SendAsync(PairingVerb.Ask, number, request, TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false)
                ?? throw new IOException("it was given up");

        public async ValueTask KillAsync(CancellationToken cancellationToken) =>
            await line.SendAsync(PairingVerb.Kill, number, "", TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false);

        public async ValueTask DisposeAsync()
        {
            try
            {
                await line.SendAsync(PairingVerb.Close, number, "", FarewellTime, CancellationToken.None).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The listener, or the volume, is gone.
            }
        }
    }
}
