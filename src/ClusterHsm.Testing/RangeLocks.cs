using ClusterHsm.FileSystem;

namespace ClusterHsm.Testing;

/// <summary>
/// The byte-range locks of one inode, owned by open handles: what <c>fcntl(2)</c> says of open-file-description locks. Not thread-safe.
/// </summary>
internal sealed class RangeLocks
{
    private readonly List<Held> _held = [];

    public bool IsEmpty => _held.Count == 0;

    /// <summary>Whether nobody but the owner holds what conflicts, among those that the owner can see.</summary>
    public bool IsFree(InMemoryFile owner, LockRange range, LockKind kind, bool seesOtherNodes) =>
        !_held.Exists(held => held.Owner != owner
            && held.Range.Overlaps(range)
            && (kind == LockKind.Exclusive || held.Kind == LockKind.Exclusive)
            && (seesOtherNodes || held.Owner.Node == owner.Node));

    /// <summary>Takes a range that is free, in place of what the owner held of it.</summary>
    public void Take(InMemoryFile owner, LockRange range, LockKind kind)
    {
        Release(owner, range);
        _held.Add(new Held(owner, range, kind));
    }

    /// <summary>Gives a range back; what the owner holds on either side of it stays.</summary>
    public void Release(InMemoryFile owner, LockRange range)
    {
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            Held held = _held[i];
            if (held.Owner != owner || !held.Range.Overlaps(range))
                continue;
            _held.RemoveAt(i);
            if (held.Range.Offset < range.Offset)
                _held.Add(held with { Range = new LockRange(held.Range.Offset, range.Offset - held.Range.Offset) });
            if (held.Range.End > range.End)
                _held.Add(held with { Range = new LockRange(range.End, held.Range.End - range.End) });
        }
    }

    public void ReleaseAll(InMemoryFile owner) => _held.RemoveAll(held => held.Owner == owner);

    public void ReleaseAll(InMemoryNode node) => _held.RemoveAll(held => held.Owner.Node == node);

    public IEnumerable<(InMemoryFile Owner, LockRange Range, LockKind Kind)> List() => _held.Select(h => (h.Owner, h.Range, h.Kind));

    private readonly record struct Held(InMemoryFile Owner, LockRange Range, LockKind Kind);
}
