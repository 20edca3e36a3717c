using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;

namespace ClusterHsm.Migration;

/// <summary>Opens the object that a record points at, or says by name why it cannot be believed.</summary>
internal static class ObjectOpening
{
    public static async ValueTask<IObjectReader> OpenAsync(
        MigrationContext context, StubRecord record, string display, CancellationToken cancellationToken)
    {
        if (record.ShardId != context.Descriptor.ShardId)
            throw new InvalidRecordException(display, $"its record was made on the shard {record.ShardId:N}, this is {context.Descriptor.ShardId:N}",
                "Nothing was changed. A stub of another shard has to be imported, not copied");
        if (record.Key.ShardId != record.ShardId)
            throw new InvalidRecordException(display, $"its record points at the object {record.Key} of another shard",
                "Nothing was changed. Restore the record from a backup");
        ISecondaryStore store = context.Store;
        if (record.StoreId != store.Id)
            throw new StoreUnavailableException(display, $"its data is in the store {record.StoreId:N}, this shard's is {store.Id:N}",
                "Connect the store that it was archived to");
        IObjectReader reader = await store.OpenAsync(record.Key, cancellationToken).ConfigureAwait(false)
            ?? throw new ObjectMissingException(display, $"its object {record.Key} is not in the store {store.Location}",
                Remedy(record));
        if (reader.Length == record.Size)
            return reader;
        long length = reader.Length;
        await reader.DisposeAsync().ConfigureAwait(false);
        throw new DigestMismatchException(display, $"object {record.Key} has {length} bytes, but {record.Size} were archived",
            Remedy(record));
    }

    /// <summary>Reads the object back and compares its digest with that of what was archived.</summary>
    /// <exception cref="DigestMismatchException">It is another.</exception>
    public static async ValueTask RequireDigestAsync(
        IObjectReader reader, StubRecord record, string display, Action<int>? digested, CancellationToken cancellationToken)
    {
        if (await ObjectDigest.OfAsync(reader, digested, cancellationToken).ConfigureAwait(false) is var digest && digest != record.Digest)
            throw new DigestMismatchException(display, $"object {record.Key} has digest {digest}, but {record.Digest} was archived", Remedy(record));
    }

    private static string Remedy(StubRecord record) => FileRecord.IsStubState(record.State)
        ? "The stub is as it was. Restore the object in the store from a backup"
        : "The file's data is on the shard. Migrate it with its copies verified (migrate --verify), and it gets a new object";
}
