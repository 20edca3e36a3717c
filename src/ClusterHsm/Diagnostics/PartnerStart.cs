namespace ClusterHsm.Diagnostics;

/// <summary>Starts a partner and waits for its greeting.</summary>
internal static class PartnerStart
{
    /// <exception cref="PartyFailedException">It does not start or does not greet.</exception>
    public static async Task<Party> StartAsync(DoctorOptions options, CancellationToken cancellationToken)
    {
        IDoctorPartner partner;
        try
        {
            partner = await options.StartPartner!(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new PartyFailedException($"the partner could not be started: {failure.Message.TrimEnd('.')}", FileSystem.ShardError.None);
        }
        var party = new Party(partner, "the partner process", options.AnswerTimeout);
        try
        {
            PartnerAnswer hello = await party.AskAsync(new(PartnerOperation.Hello), cancellationToken).ConfigureAwait(false);
            party.Name = $"the partner process {hello.Number}";
            party.Greeting = hello;
            return party;
        }
        catch
        {
            await party.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
