namespace ClusterHsm;

/// <summary>The file's lock was not granted in time: it is being migrated, recalled or written elsewhere.</summary>
public sealed class FileBusyException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.Busy, path, cause, remedy, inner);

/// <summary>Nodes did not leave relaxed mode within the time that the migrator was ready to wait; the message names them.</summary>
public sealed class HandoverTimeoutException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.HandoverTimeout, path, cause, remedy, inner);
