namespace ClusterHsm.Tool.Watch;

/// <summary>Somewhere that states are shown, one after the other, until it is disposed.</summary>
internal interface IWatchView : IDisposable
{
    void Show(WatchState state);
}
