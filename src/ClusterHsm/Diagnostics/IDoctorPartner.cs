namespace ClusterHsm.Diagnostics;

/// <summary>A second process that has the same volume open and does there what it is asked to.</summary>
/// <remarks>Asked one thing at a time. Requests and answers are lines of JSON, made and understood by this library's own version only.</remarks>
internal interface IDoctorPartner : IAsyncDisposable
{
    /// <summary>Hands a request over and waits for the answer.</summary>
    /// <param name="request">One line of JSON, without its end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The partner has ended.</exception>
    ValueTask<string> AskAsync(string request, CancellationToken cancellationToken);

    /// <summary>Ends the partner at once, without giving it a chance to unlock or close anything; returns when it has ended.</summary>
    ValueTask KillAsync(CancellationToken cancellationToken);
}
