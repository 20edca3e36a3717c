namespace ClusterHsm;

/// <summary>The file is a stub and the caller asked for <c>StubAccess.Fail</c>.</summary>
public sealed class StubFileException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.Stub, path, cause, remedy, inner);

/// <summary>The record on a file is garbage, truncated, of a newer version, or of another shard.</summary>
public sealed class InvalidRecordException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.InvalidRecord, path, cause, remedy, inner);

/// <summary>The record on a file, or an export, was made or changed by someone without the shard's key, or was made for another file.</summary>
public sealed class UntrustedRecordException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.UntrustedRecord, path, cause, remedy, inner);

/// <summary>A stub holds data that no recall wrote: a program that does not use the library wrote into it.</summary>
public sealed class ForeignDataException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.ForeignData, path, cause, remedy, inner);
