using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>
/// What <see cref="IShardFileSystem"/> and <see cref="IShardFile"/> promise, whatever is below: the fixtures that inherit from this say
/// it by theme, and each implementation inherits from those.
/// </summary>
/// <typeparam name="TShard">The implementation.</typeparam>
public abstract class ShardFileSystemContract<TShard> where TShard : ShardUnderTest, new()
{
    protected const string AttributeName = "user.clusterhsm.contract";

    private readonly List<IShardFile> _files = [];

    protected TShard Shard { get; private set; } = null!;

    /// <summary>One node of the shard.</summary>
    protected IShardFileSystem Node { get; private set; } = null!;

    /// <summary>Another node of the same shard.</summary>
    protected IShardFileSystem Other { get; private set; } = null!;

    [SetUp]
    public void MakeShard()
    {
        Shard = new TShard();
        Node = Shard.OpenNode();
        Other = Shard.OpenNode();
    }

    [TearDown]
    public void RemoveShard()
    {
        foreach (IShardFile file in _files)
            file.Dispose();
        _files.Clear();
        Node.Dispose();
        Other.Dispose();
        Shard.Dispose();
    }

    /// <summary>Opens a file on <see cref="Node"/> until the end of the test.</summary>
    protected IShardFile Open(string path, ShardOpenOptions options = ShardOpenOptions.ReadWrite | ShardOpenOptions.Create) =>
        Keep(Node.Open(path, options));

    /// <summary>Opens a file on <see cref="Other"/> until the end of the test.</summary>
    protected IShardFile OpenOnOther(string path, ShardOpenOptions options = ShardOpenOptions.ReadWrite) => Keep(Other.Open(path, options));

    protected IShardFile Keep(IShardFile file)
    {
        _files.Add(file);
        return file;
    }

    protected void Fill(string path, byte[] bytes)
    {
        using IShardFile file = Node.Open(path, ShardOpenOptions.Write | ShardOpenOptions.Create);
        file.Write(bytes, 0);
    }

    protected static byte[] ReadAll(IShardFile file, int limit = 1 << 20)
    {
        byte[] buffer = new byte[limit];
        Array.Fill(buffer, (byte)0xAA); // so that a read that forgets its zeros is seen
        return buffer[..file.Read(buffer, 0)];
    }

    protected byte[] ReadAll(string path)
    {
        using IShardFile file = Other.Open(path, ShardOpenOptions.Read);
        return ReadAll(file);
    }

    protected static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Ends a test about permission bits where there are none.</summary>
    protected void RequirePermissionBits()
    {
        if (!Node.Capabilities.KeepsPermissionBits)
            Assert.Ignore($"{Node.Capabilities.FileSystemType} has no permission bits here, and says so.");
    }

    /// <summary>The kind of the failure that an action must end in.</summary>
    protected static ShardError ErrorOf(Action action) => action.Should().Throw<ShardIOException>().Which.Error;
}
