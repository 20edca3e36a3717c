using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Migration;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using ClusterHsm.Testing;
using ClusterHsm.Tests.Coordination;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Migration;

/// <summary>A scan sees every record although the shard is in use, or says that it has not.</summary>
public sealed class ShardScanTests
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    private TestBed _bed = null!;
    private InMemoryNode _node = null!;
    private InMemoryNode _other = null!;
    private HashSet<Guid> _seen = null!;

    [SetUp]
    public void SetUp()
    {
        _bed = new TestBed();
        _node = _bed.Cluster.AddNode("sweeper");
        _other = _bed.Cluster.AddNode("other");
        _seen = [];
    }

    [Test]
    public async Task A_file_that_is_renamed_from_a_folder_not_yet_read_into_one_already_read_is_seen()
    {
        Guid inA = MakeStub("a/f"), inB = MakeStub("b/f");
        _bed.Advance(60);
        List<string> read = [];
        _node.BeforeOperation = info =>
        {
            if (info.Operation != ShardOperation.ReadDirectory || info.Path.Length == 0)
                return;
            read.Add(info.Path);
            if (read.Count == 2)
                _other.Rename($"{read[1]}/f", $"{read[0]}/moved");
        };

        ShardScan scan = await ScanAsync();

        scan.Gaps.Should().BeEmpty();
        _seen.Should().BeEquivalentTo([inA, inB]);
        read.Should().HaveCountGreaterThan(2);
    }

    [Test]
    public async Task A_folder_that_changed_within_the_settle_time_is_read_again_because_the_next_change_may_show_the_same_time()
    {
        Guid early = MakeStub("a/f"), late = Guid.Empty;
        _node.BeforeOperation = info =>
        {
            // After the folder was read, in the same tick as the stamp that the scan has of it: the clock stands still.
            if (info.Operation == ShardOperation.ReadAttribute && late == Guid.Empty)
                late = MakeStub("a/g", _other);
        };

        ShardScan scan = await ScanAsync();

        scan.Gaps.Should().BeEmpty();
        _seen.Should().BeEquivalentTo([early, late]);
    }

    [Test]
    public async Task A_folder_that_appears_while_the_shard_is_scanned_is_read()
    {
        MakeStub("a/f");
        _bed.Advance(60);
        Guid late = Guid.Empty;
        _node.BeforeOperation = info =>
        {
            if (info.Operation == ShardOperation.ReadAttribute && late == Guid.Empty)
                late = MakeStub("new/below/f", _other);
        };

        await ScanAsync();

        _seen.Should().Contain(late);
    }

    [TestCase(ShardOperation.ReadDirectory)]
    [TestCase(ShardOperation.ReadAttribute)]
    [TestCase(ShardOperation.GetInfo)]
    public async Task What_cannot_be_read_is_a_gap(ShardOperation operation)
    {
        MakeStub("a/f");
        _node.Faults.When(info => info.Operation == operation && info.Path is "a" or "a/f").Fail(ShardError.AccessDenied);

        ShardScan scan = await ScanAsync();

        scan.Gaps.Should().NotBeEmpty();
    }

    private async Task<ShardScan> ScanAsync()
    {
        MigrationContext context = new(_node, _bed.Descriptor, () => throw new InvalidOperationException("no store is needed"), TimeSpan.Zero, 1);
        ShardScan scan = new(context, Settle);
        Task running = scan.RunAsync(record => _seen.Add(record.Key.ObjectId), CancellationToken.None);
        while (!running.IsCompleted)
        {
            _bed.Advance(1);
            await Task.Yield();
        }
        await running;
        return scan;
    }

    private Guid MakeStub(string path, InMemoryNode? by = null)
    {
        IShardFileSystem node = by ?? _node;
        for (int slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
            node.CreateDirectory(path[..slash], (UnixFileMode)0x1FF);
        using IShardFile file = node.Open(path, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        ObjectKey key = ObjectKey.New(_bed.Descriptor.ShardId);
        FileRecord.Write(file, new StubRecord
        {
            State = FileState.Released,
            ReleaseCount = 1,
            ShardId = _bed.Descriptor.ShardId,
            StoreId = _bed.Descriptor.StoreId,
            Key = key,
            Size = 10,
            Modified = default,
            Changed = default,
            Digest = default,
        }, RecordSeal.None);
        file.SetLength(10);
        return key.ObjectId;
    }
}
