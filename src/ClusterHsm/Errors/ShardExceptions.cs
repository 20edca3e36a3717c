namespace ClusterHsm;

/// <summary>The directory is not a shard.</summary>
public sealed class NotAShardException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.NotAShard, path, cause, remedy, inner);

/// <summary>The shard was made by a newer version.</summary>
public sealed class ShardFormatException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.NewerFormat, path, cause, remedy, inner);

/// <summary>The shard's own files are damaged or missing.</summary>
public sealed class InvalidShardException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.InvalidShard, path, cause, remedy, inner);

/// <summary>Permission is missing; the message says which.</summary>
public sealed class HsmAccessDeniedException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.AccessDenied, path, cause, remedy, inner);

/// <summary>The file is on another device than the shard's root.</summary>
public sealed class OtherDeviceException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.OtherDevice, path, cause, remedy, inner);

/// <summary>The shard is mounted read-only here.</summary>
public sealed class ReadOnlyShardException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.ReadOnly, path, cause, remedy, inner);

/// <summary>The file system lacks something that is needed.</summary>
public sealed class ShardNotSupportedException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.NotSupported, path, cause, remedy, inner);

/// <summary>The path leads out of the shard.</summary>
public sealed class OutsideRootException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.OutsideRoot, path, cause, remedy, inner);

/// <summary>There is no such file.</summary>
public sealed class HsmFileNotFoundException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.NotFound, path, cause, remedy, inner);

/// <summary>There is something already where a new thing was to be made.</summary>
public sealed class HsmAlreadyExistsException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.AlreadyExists, path, cause, remedy, inner);

/// <summary>The shard or the store is full.</summary>
public sealed class NoSpaceException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.NoSpace, path, cause, remedy, inner);

/// <summary>Only a regular file can be opened, archived or recalled.</summary>
public sealed class NotARegularFileException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.NotARegularFile, path, cause, remedy, inner);

/// <summary>The file system failed in a way without a type of its own.</summary>
public sealed class ShardFailureException(string path, string cause, string remedy, Exception? inner = null)
    : HsmException(HsmError.FileSystem, path, cause, remedy, inner);
