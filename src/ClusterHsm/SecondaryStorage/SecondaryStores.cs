namespace ClusterHsm.SecondaryStorage;

/// <summary>Opens stores by their location.</summary>
public static class SecondaryStores
{
    /// <summary>Opens a store that exists.</summary>
    public static ISecondaryStore Open(Uri location) => throw new NotImplementedException(location?.ToString());

    /// <summary>Opens a store, and makes it first if the place is empty.</summary>
    public static ISecondaryStore OpenOrCreate(Uri location) => throw new NotImplementedException(location?.ToString());
}
