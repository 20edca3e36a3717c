using System.Diagnostics;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Starts partners here for a doctor on another computer and carries its requests to them, until the last has been closed.</summary>
internal sealed class PairingListener(IShardFileSystem shard, ProcessStartInfo program) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    private readonly PairingPlace _place = PairingPlace.Of(shard);
    private readonly Dictionary<int, ProcessPartner> _partners = [];
    private Guid _session;
    private PairingLetter? _last;

    /// <summary>Serves one examination.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using IShardFile asks = _place.Occupy(shard);
        try
        {
            bool isOver = false;
            for (TimeSpan pause = ShortestPause; !isOver; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                if (PairingLetter.Look(shard, _place.Asks, asks.Identity) is not { } letter || letter == _last)
                    continue;
                _last = letter;
                pause = ShortestPause;
                isOver = await ServeAsync(letter, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _place.Vacate(shard);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ProcessPartner partner in _partners.Values)
            await partner.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>Whether the session is over.</returns>
    private async Task<bool> ServeAsync(PairingLetter letter, CancellationToken cancellationToken)
    {
        if (_partners.Count > 0 && letter.Session != _session)
        {
            Answer(letter, PairingVerb.Failed, "another doctor is connected to the listener; if that one has died, end the listener and start it anew");
            return false;
        }
        _session = letter.Session;
        try
        {
            if (letter.Kind == PairingVerb.Start)
            {
                _partners.Add(letter.Partner, ProcessPartner.Start(program));
            }
            else if (!_partners.TryGetValue(letter.Partner, out ProcessPartner? partner))
            {
                throw new IOException("the listener knows of no such partner");
            }
            else if (letter.Kind == PairingVerb.Ask)
            {
                // Not waited for: one that hangs can still be killed.
                _ = CarryAsync(letter, partner, cancellationToken);
                return false;
            }
            else if (letter.Kind == PairingVerb.Kill)
            {
                await partner.KillAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                _partners.Remove(letter.Partner);
                await partner.DisposeAsync().ConfigureAwait(false);
            }
            Answer(letter, PairingVerb.Done, "");
        }
        catch (IOException failure)
        {
            Answer(letter, PairingVerb.Failed, failure.Message);
        }
        return letter.Kind == PairingVerb.Close && _partners.Count == 0;
    }

    private async Task CarryAsync(PairingLetter letter, ProcessPartner partner, CancellationToken cancellationToken)
    {
        PairingVerb verb = PairingVerb.Done;
        string text;
        try
        {
            text = await partner.AskAsync(letter.Text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or OperationCanceledException)
        {
            (verb, text) = (PairingVerb.Failed, failure.Message);
        }
        // The doctor no longer waits for an answer once it has asked for something else.
        if (letter == _last)
            Answer(letter, verb, text);
    }

    private void Answer(PairingLetter to, PairingVerb verb, string text) =>
        (to with { Kind = verb, Text = Words.OneLine(text) }).Put(shard, _place.Answers);
}
