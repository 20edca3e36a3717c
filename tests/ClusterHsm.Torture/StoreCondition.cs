namespace ClusterHsm.Torture;

/// <summary>How the store is, on order of the parent.</summary>
internal enum StoreCondition
{
    Fine,
    Full,
    Errors,
    Slow,
}
