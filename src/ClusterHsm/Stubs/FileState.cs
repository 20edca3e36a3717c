namespace ClusterHsm.Stubs;

/// <summary>Where a file's data is.</summary>
public enum FileState
{
    /// <summary>On the shard only.</summary>
    Regular = 0,

    /// <summary>On the shard, and a verified copy in secondary storage.</summary>
    Archived,

    /// <summary>Only in secondary storage: the file is a stub.</summary>
    Released,

    /// <summary>Only in secondary storage, part of it back on the shard: a recall is under way or was cut off.</summary>
    Recalling,
}
