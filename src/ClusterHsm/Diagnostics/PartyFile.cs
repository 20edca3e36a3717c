using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>A file that a party has open. It is closed with all others of the party at the end of a check.</summary>
internal sealed class PartyFile(Party party, int number, ulong inode)
{
    public ulong Inode => inode;

    public Task<LockResult> TryLockAsync(LockRange range, LockKind kind, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.Lock) { Offset = range.Offset, Length = range.Length, Kind = kind }, cancellationToken);

    public Task<LockResult> UnlockAsync(LockRange range, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.Unlock) { Offset = range.Offset, Length = range.Length }, cancellationToken);

    /// <summary>The same for a trial that is about something else and needs the lock.</summary>
    /// <exception cref="PartyFailedException">It was not granted.</exception>
    public async Task TakeAsync(LockRange range, LockKind kind, CancellationToken cancellationToken)
    {
        LockResult answer = await TryLockAsync(range, kind, cancellationToken).ConfigureAwait(false);
        if (!answer.IsGranted)
            throw new PartyFailedException($"the lock that this trial needs was {Words.Answer(answer)}", answer.Error);
    }

    /// <summary>Whether a lock would be granted; nothing is taken.</summary>
    public Task<LockResult> QueryLockAsync(LockRange range, LockKind kind, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.QueryLock) { Offset = range.Offset, Length = range.Length, Kind = kind }, cancellationToken);

    /// <summary>A lock that closing the file does not give back first, as the library else does.</summary>
    public Task<LockResult> TryLockUnaccountedAsync(LockRange range, LockKind kind, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.LockUnaccounted) { Offset = range.Offset, Length = range.Length, Kind = kind }, cancellationToken);

    public Task<LockResult> TryPosixLockAsync(LockRange range, LockKind kind, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.PosixLock) { Offset = range.Offset, Length = range.Length, Kind = kind }, cancellationToken);

    public Task<LockResult> PosixUnlockAsync(LockRange range, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.PosixUnlock) { Offset = range.Offset, Length = range.Length }, cancellationToken);

    public Task<LockResult> TryFlockAsync(LockKind kind, CancellationToken cancellationToken) =>
        LockAsync(new(PartnerOperation.Flock) { Kind = kind }, cancellationToken);

    public Task<LockResult> UnflockAsync(CancellationToken cancellationToken) => LockAsync(new(PartnerOperation.Unflock), cancellationToken);

    public async Task<byte[]?> ReadAttributeAsync(CancellationToken cancellationToken) =>
        (await AskAsync(new(PartnerOperation.ReadAttribute), cancellationToken).ConfigureAwait(false)).Bytes;

    public Task WriteAttributeAsync(byte[] value, CancellationToken cancellationToken) =>
        AskAsync(new(PartnerOperation.WriteAttribute) { Bytes = value }, cancellationToken);

    public async Task<byte[]> ReadAsync(long offset, int length, CancellationToken cancellationToken) =>
        (await AskAsync(new(PartnerOperation.Read) { Offset = offset, Length = length }, cancellationToken).ConfigureAwait(false)).Bytes ?? [];

    public Task WriteAsync(byte[] bytes, long offset, CancellationToken cancellationToken) =>
        AskAsync(new(PartnerOperation.Write) { Bytes = bytes, Offset = offset }, cancellationToken);

    public Task PunchAsync(long offset, long length, CancellationToken cancellationToken) =>
        AskAsync(new(PartnerOperation.Punch) { Offset = offset, Length = length }, cancellationToken);

    public async Task<bool> HasDataAsync(CancellationToken cancellationToken) =>
        (await AskAsync(new(PartnerOperation.FindData), cancellationToken).ConfigureAwait(false)).Number != 0;

    /// <summary>Size, allocation, times and inode.</summary>
    public Task<PartnerAnswer> GetInfoAsync(CancellationToken cancellationToken) => AskAsync(new(PartnerOperation.Info), cancellationToken);

    public Task SetTimesAsync(ShardTimestamp accessed, ShardTimestamp modified, CancellationToken cancellationToken) =>
        AskAsync(new(PartnerOperation.SetTimes) { Accessed = accessed, Modified = modified }, cancellationToken);

    public async Task<ShardTimestamp> TouchAsync(CancellationToken cancellationToken) =>
        (await AskAsync(new(PartnerOperation.Touch), cancellationToken).ConfigureAwait(false)).Modified;

    public Task FlushAsync(CancellationToken cancellationToken) => AskAsync(new(PartnerOperation.Flush), cancellationToken);

    public async Task<OpenerExclusion> TryExcludeOpenersAsync(CancellationToken cancellationToken) =>
        (OpenerExclusion)(await AskAsync(new(PartnerOperation.ExcludeOpeners), cancellationToken).ConfigureAwait(false)).Number;

    public Task AdmitOpenersAsync(CancellationToken cancellationToken) => AskAsync(new(PartnerOperation.AdmitOpeners), cancellationToken);

    private async Task<LockResult> LockAsync(PartnerRequest request, CancellationToken cancellationToken)
    {
        PartnerAnswer answer = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        return new LockResult(answer.Status, (ShardError)answer.Number, answer.NativeError);
    }

    private Task<PartnerAnswer> AskAsync(PartnerRequest request, CancellationToken cancellationToken) =>
        party.AskAsync(request with { File = number }, cancellationToken);
}
