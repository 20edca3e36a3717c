namespace ClusterHsm;

/// <summary>The secondary storage cannot be reached, or is not the one that the shard was made with.</summary>
public sealed class StoreUnavailableException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.StoreUnavailable, path, cause, remedy, inner);

/// <summary>The object that a record points at is not in the store.</summary>
public sealed class ObjectMissingException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.ObjectMissing, path, cause, remedy, inner);

/// <summary>The object's bytes are not those that were archived.</summary>
public sealed class DigestMismatchException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.DigestMismatch, path, cause, remedy, inner);
