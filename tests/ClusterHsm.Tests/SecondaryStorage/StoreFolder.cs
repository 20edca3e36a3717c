using ClusterHsm.SecondaryStorage;
using FluentAssertions;

namespace ClusterHsm.Tests.SecondaryStorage;

/// <summary>A folder for one test's store, removed afterwards.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("clusterhsm-store-").FullName;

    public string Root => Path.Join(_parent, "store");

    public string[] TemporaryFiles => Directory.GetFiles(Path.Join(Root, "tmp"));

    public string[] ObjectFiles => Directory.GetFiles(Path.Join(Root, "objects"), "*", SearchOption.AllDirectories);

    public static async Task PutAsync(
        ISecondaryStore store, ObjectKey key, ReadOnlyMemory<byte> content, CommitDurability durability = CommitDurability.Immediate)
    {
        await using IObjectWriter writer = await store.CreateAsync(key, content.Length);
        await writer.WriteAsync(content);
        await writer.CommitAsync(durability);
    }

    public static async Task<byte[]> GetAsync(ISecondaryStore store, ObjectKey key)
    {
        IObjectReader? reader = await store.OpenAsync(key);
        reader.Should().NotBeNull();
        await using (reader)
        {
            byte[] content = new byte[reader!.Length];
            (await reader.ReadAsync(content, 0)).Should().Be(content.Length);
            return content;
        }
    }

    public static async Task<List<StoredObject>> ListAsync(ISecondaryStore store, Guid shardId)
    {
        List<StoredObject> found = [];
        await foreach (StoredObject one in store.ListAsync(shardId))
            found.Add(one);
        return found;
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
