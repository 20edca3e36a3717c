using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>A lock that a node holds.</summary>
/// <param name="Path">The path that its handle was opened by.</param>
/// <param name="Range">Which bytes.</param>
/// <param name="Kind">Which kind.</param>
public readonly record struct HeldLock(string Path, LockRange Range, LockKind Kind);
