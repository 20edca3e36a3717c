namespace ClusterHsm.Stubs;

/// <summary>What is wrong with a record.</summary>
/// <param name="Text">In words, for a message.</param>
/// <param name="IsOfSignature">Whether it is well-formed, but nobody with the shard's key has vouched for it on this file.</param>
internal sealed record RecordProblem(string Text, bool IsOfSignature);
