namespace ClusterHsm.SecondaryStorage;

/// <summary>Names an object: <c>shard/object</c>, each 32 hexadecimal digits, so that a key can never lead out of a store.</summary>
public readonly record struct ObjectKey(Guid ShardId, Guid ObjectId)
{
    /// <summary>A key never used before.</summary>
    public static ObjectKey New(Guid shardId) => new(shardId, Guid.NewGuid());

    /// <summary>The text form.</summary>
    public override string ToString() => $"{ShardId:N}/{ObjectId:N}";

    /// <summary>Reads what ToString writes, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ObjectKey key)
    {
        key = default;
        if (text.Length != 65 || text[32] != '/' || !Guid.TryParseExact(text[..32], "N", out Guid shard) || !Guid.TryParseExact(text[33..], "N", out Guid obj))
            return false;
        key = new ObjectKey(shard, obj);
        return true;
    }
}
