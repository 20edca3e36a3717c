using System.Text;
using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;
using ClusterHsm.Testing;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Coordination;

[TestFixture]
public sealed class ShardDescriptorTests
{
    private InMemoryCluster _cluster = null!;
    private InMemoryNode _node = null!;

    [SetUp]
    public void SetUp()
    {
        _cluster = new InMemoryCluster();
        _node = _cluster.AddNode("admin");
    }

    [Test]
    public void What_was_initialised_is_loaded()
    {
        ShardDescriptor descriptor = TestBed.NewDescriptor() with
        {
            LeaseDuration = TimeSpan.FromMilliseconds(1500),
            ClockDriftMargin = TimeSpan.FromMilliseconds(7),
            FileLockOffset = 1L << 50,
            SlotCount = 16,
            LockReach = LockReach.Shared,
            CachesProven = true,
            QueriesProven = true,
        };
        ShardDescriptor.Initialize(_node, descriptor);
        LoadAsGiven(_cluster.AddNode("other")).Should().Be(descriptor);
    }

    [Test]
    public void The_control_folder_has_the_files_and_permissions_that_make_nodes_and_migrators()
    {
        ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        Octal(ControlFolder.Name).Should().Be("755");
        Octal(ControlFolder.SignalPath).Should().Be("644");
        Octal(ControlFolder.QuiescePath).Should().Be("644");
        Octal(ControlFolder.NodesPath).Should().Be("1777");
        _node.GetInfo(ControlFolder.SignalPath)!.Value.Size.Should().Be(0);
        _node.GetInfo(ControlFolder.QuiescePath)!.Value.Size.Should().Be(0);
        _node.ReadDirectory(ControlFolder.Name).Select(entry => entry.Name).Should().BeEquivalentTo("signal", "quiesce", "nodes", "shard.json");
        _node.OpenFileCount.Should().Be(0);
        _node.HeldLocks.Should().BeEmpty();
    }

    [Test]
    public void A_shard_is_not_made_twice()
    {
        ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        _node.Invoking(node => ShardDescriptor.Initialize(node, TestBed.NewDescriptor() with { ShardId = Guid.NewGuid() }))
            .Should().Throw<HsmAlreadyExistsException>();
        LoadAsGiven(_node).Should().Be(TestBed.NewDescriptor());
    }

    [Test]
    public void Of_two_calls_at_once_one_makes_the_shard()
    {
        InMemoryNode other = _cluster.AddNode("other");
        HsmException? refused = null;
        _node.BeforeOperation = call =>
        {
            if (call.Operation != ShardOperation.Rename)
                return;
            refused = Assert.Throws<HsmAlreadyExistsException>(() => ShardDescriptor.Initialize(other, TestBed.NewDescriptor()));
        };
        ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        refused.Should().NotBeNull();
    }

    [Test]
    public void A_crash_at_any_step_leaves_no_half_shard_and_the_next_call_finishes_it([Values] bool before)
    {
        int steps = Count(node => ShardDescriptor.Initialize(node, TestBed.NewDescriptor()));
        steps.Should().BeGreaterThan(8);
        for (int step = 1; step <= steps; step++)
        {
            var cluster = new InMemoryCluster(new InMemoryClusterOptions { CrashLosesUnflushedChanges = true });
            InMemoryNode first = cluster.AddNode("first");
            _ = before ? first.Faults.CrashBeforeMutation(step) : first.Faults.CrashAfterMutation(step);
            first.Invoking(node => ShardDescriptor.Initialize(node, TestBed.NewDescriptor())).Should().Throw<NodeCrashedException>();

            InMemoryNode second = cluster.AddNode("second");
            ShardDescriptor again = TestBed.NewDescriptor() with { SlotCount = 77 };
            bool wasComplete = second.GetInfo(ControlFolder.DescriptorPath) is not null;
            if (wasComplete)
            {
                LoadAsGiven(second).Should().Be(TestBed.NewDescriptor());
            }
            else
            {
                second.Invoking(ShardDescriptor.Load).Should().Throw<NotAShardException>();
                ShardDescriptor.Initialize(second, again);
                LoadAsGiven(second).Should().Be(again);
            }
            second.GetInfo(ControlFolder.SignalPath).Should().NotBeNull();
            second.GetInfo(ControlFolder.QuiescePath).Should().NotBeNull();
            second.GetInfo(ControlFolder.NodesPath).Should().NotBeNull();
        }
    }

    [Test]
    public void The_descriptor_gets_its_name_when_all_else_is_durable()
    {
        var calls = new List<string>();
        _node.BeforeOperation = call =>
        {
            if (call.Operation is ShardOperation.Flush or ShardOperation.FlushDirectory or ShardOperation.Rename)
                calls.Add($"{call.Operation} {call.Path}");
        };
        ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        calls.Should().Equal("Flush .clusterhsm/signal", "Flush .clusterhsm/quiesce", "Flush .clusterhsm/shard.json.new",
            "FlushDirectory .clusterhsm", "FlushDirectory ", "Rename .clusterhsm/shard.json.new", "FlushDirectory .clusterhsm");
    }

    [Test]
    public void A_directory_that_is_no_shard_says_how_to_make_one() =>
        _node.Invoking(ShardDescriptor.Load).Should().Throw<NotAShardException>().WithMessage("*clusterhsm init*");

    [Test]
    public void A_newer_format_names_both_versions()
    {
        Write("""{ "format": 7, "shardId": 12 }""");
        _node.Invoking(ShardDescriptor.Load).Should().Throw<ShardFormatException>().WithMessage("*7*2*");
    }

    [TestCase("", "not JSON")]
    [TestCase("{", "not JSON")]
    [TestCase("[]", "object")]
    [TestCase("{}", "\"format\"")]
    [TestCase("\u0000\u0001\u0002", "not JSON")]
    public void Garbage_is_refused(string text, string reason)
    {
        Write(text);
        _node.Invoking(ShardDescriptor.Load).Should().Throw<InvalidShardException>().WithMessage($"*shard.json*{reason}*");
    }

    [TestCase("\"format\": 1", "\"format\": 0", "format")]
    [TestCase("3000", "99", "leaseMilliseconds")]
    [TestCase("3000", "60001", "leaseMilliseconds")]
    [TestCase("3000", "1e300", "leaseMilliseconds")]
    [TestCase("3000", "\"3000\"", "leaseMilliseconds")]
    [TestCase(": 200", ": -1", "clockDriftMarginMilliseconds")]
    [TestCase(": 200", ": 60001", "clockDriftMarginMilliseconds")]
    [TestCase("4611686018427387904", "1099511627775", "fileLockOffset")]
    [TestCase("4611686018427387904", "9223372036854775807", "fileLockOffset")]
    [TestCase("4096", "0", "slotCount")]
    [TestCase("4096", "1048577", "slotCount")]
    [TestCase("11111111-2222", "wrong-2222", "shardId")]
    [TestCase("11111111-2222-3333-4444-555555555555", "00000000-0000-0000-0000-000000000000", "shardId")]
    [TestCase("66666666-7777", "wrong", "storeId")]
    [TestCase("file:///backup/store", "not a uri", "storeLocation")]
    [TestCase("\"format\": 1", "\"format\": 1, \"lockReach\": \"Everywhere\"", "lockReach")]
    [TestCase("\"format\": 1", "\"format\": 1, \"cachesProven\": \"yes\"", "cachesProven")]
    [TestCase("\"format\": 1", "\"format\": 1, \"queriesProven\": 1", "queriesProven")]
    [TestCase("slotCount", "slots", "slotCount")]
    public void A_value_out_of_range_is_refused_by_name(string old, string changed, string name)
    {
        ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        string text;
        using (IShardFile file = _node.Open(ControlFolder.DescriptorPath, ShardOpenOptions.Read))
            text = Encoding.UTF8.GetString(SmallFile.Read(file, 10_000)!);
        text.Should().Contain(old);
        Write(text.Replace(old, changed, StringComparison.Ordinal));
        _node.Invoking(ShardDescriptor.Load).Should().Throw<InvalidShardException>().WithMessage($"*{name}*");
    }

    [Test]
    public void An_oversized_descriptor_is_refused()
    {
        Write(new string(' ', 100_000));
        _node.Invoking(ShardDescriptor.Load).Should().Throw<InvalidShardException>().WithMessage("*longer*");
    }

    [Test]
    public void A_descriptor_that_may_not_be_read_is_an_error_of_its_own()
    {
        ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        _node.Faults.On(ShardOperation.Open).Fail(ShardError.AccessDenied);
        _node.Invoking(ShardDescriptor.Load).Should().Throw<HsmAccessDeniedException>();
    }

    [Test]
    public void Values_out_of_range_are_not_written()
    {
        _node.Invoking(node => ShardDescriptor.Initialize(node, TestBed.NewDescriptor() with { SlotCount = 0 }))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*slotCount*");
        _node.GetInfo(ControlFolder.Name).Should().BeNull();
    }

    [Test]
    public void A_read_only_mount_is_not_made_a_shard()
    {
        InMemoryNode node = _cluster.AddNode("ro", new InMemoryNodeOptions { IsReadOnly = true });
        node.Invoking(n => ShardDescriptor.Initialize(n, TestBed.NewDescriptor())).Should().Throw<ReadOnlyShardException>();
    }

    [TestCase(ShardError.AccessDenied, typeof(HsmAccessDeniedException))]
    [TestCase(ShardError.NoSpace, typeof(NoSpaceException))]
    [TestCase(ShardError.Other, typeof(ShardFailureException))]
    public void A_file_system_that_refuses_is_reported_by_type(ShardError error, Type type)
    {
        _node.Faults.On(ShardOperation.CreateDirectory).Fail(error);
        Action initialise = () => ShardDescriptor.Initialize(_node, TestBed.NewDescriptor());
        initialise.Should().Throw<HsmException>().Which.Should().BeOfType(type);
    }

    private static int Count(Action<InMemoryNode> action)
    {
        InMemoryNode node = new InMemoryCluster().AddNode("count");
        action(node);
        return (int)node.MutationCount;
    }

    private void Write(string text)
    {
        _node.CreateDirectory(ControlFolder.Name, (UnixFileMode)0b111_101_101);
        using IShardFile file = _node.Open(ControlFolder.DescriptorPath, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes(text), 0);
    }

    /// <summary>Without the change times, which only the making of the shard knows.</summary>
    private static ShardDescriptor LoadAsGiven(IShardFileSystem shard) => ShardDescriptor.Load(shard) with { SignalChanged = null, QuiesceChanged = null };

    private string Octal(string path) => Convert.ToString((int)_node.GetInfo(path)!.Value.Mode, 8);
}
