namespace ClusterHsm.Migration;

/// <summary>One transfer's place among those that run at once; it can be given up for a while and taken again.</summary>
/// <remarks>For one caller at a time. Who holds it waits for no file's lock, so that all who hold one come to an end.</remarks>
internal sealed class TransferSlot(SemaphoreSlim slots) : IDisposable
{
    private bool _isHeld;

    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        if (_isHeld)
            return;
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        _isHeld = true;
    }

    public void GiveUp()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        slots.Release();
    }

    public void Dispose() => GiveUp();
}
