using ClusterHsm.FileSystem;

namespace ClusterHsm.Migration;

/// <summary>The places that recalls share: those that readers of a volume want have some, and each list has its own, so that no reader waits for a list.</summary>
/// <param name="transfers">How many are transferred at once.</param>
/// <param name="options">Whoever is told of the pieces of files; null for nobody.</param>
/// <remarks>Thread-safe. Not disposed: a recall that others have joined may outlive its list.</remarks>
internal sealed class RecallPlaces(int transfers, MigrationOptions? options = null)
{
    /// <summary>The stub twice, for who wants it and for the transfer, and its object.</summary>
    private const int DescriptorsOfEach = 3;

    /// <summary>Recalls under way, most of which only wait to be durable: 256, or what <c>ulimit -n</c> allows. The file of each is locked meanwhile.</summary>
    public static int MostUnderWay { get; } = DescriptorLimit.Fit(256, DescriptorsOfEach);

    /// <summary>A place among those that are under way.</summary>
    public SemaphoreSlim UnderWay { get; } = new(MostUnderWay);

    /// <inheritdoc cref="MigrationOptions.ToldOf"/>
    public Action<int>? ToldOf(string path) => options?.ToldOf(path);

    /// <summary>A place among those that are transferred.</summary>
    public SemaphoreSlim Transfers { get; } = new(transfers);
}
