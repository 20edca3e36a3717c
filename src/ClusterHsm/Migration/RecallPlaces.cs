namespace ClusterHsm.Migration;

/// <summary>The places that recalls share: those that readers of a volume want have some, and each list has its own, so that no reader waits for a list.</summary>
/// <param name="transfers">How many are transferred at once.</param>
/// <param name="options">Whoever is told of the pieces of files; null for nobody.</param>
/// <remarks>Thread-safe. Not disposed: a recall that others have joined may outlive its list.</remarks>
internal sealed class RecallPlaces(int transfers, MigrationOptions? options = null)
{
    /// <summary>
    /// Recalls under way, most of which only wait to be durable. Each has two or three files open, and its file is locked meanwhile.
    /// </summary>
    public const int MostUnderWay = 256;

    /// <summary>A place among those that are under way.</summary>
    public SemaphoreSlim UnderWay { get; } = new(MostUnderWay);

    /// <inheritdoc cref="MigrationOptions.ToldOf"/>
    public Action<int>? ToldOf(string path) => options?.ToldOf(path);

    /// <summary>A place among those that are transferred.</summary>
    public SemaphoreSlim Transfers { get; } = new(transfers);
}
