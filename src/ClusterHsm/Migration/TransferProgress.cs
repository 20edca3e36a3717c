namespace ClusterHsm.Migration;

/// <summary>A piece of a file that was just copied, filled or read for its digest: a large file is hours on its way.</summary>
/// <param name="Path">The path, relative to the shard's root.</param>
/// <param name="Bytes">Length of the piece. What a file that fails has told of so far was in vain.</param>
public readonly record struct TransferProgress(string Path, long Bytes);
