using System.Runtime.CompilerServices;
using System.Text;
using ClusterHsm.FileSystem;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>How long a descriptor lives: until its file is disposed of and no call uses it, or until nobody knows its file.</summary>
[TestFixture]
public class LinuxFileHandleTests
{
    private const int PieceLength = 4096;

    private LinuxTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new LinuxTestFolder();

    [TearDown]
    public void Clean() => _folder.Dispose();

    /// <summary>The kernel gives the smallest free number: the next file gets that of the one just closed, beneath those who still read.</summary>
    [Test]
    [CancelAfter(120_000)]
    public void A_read_that_races_with_the_dispose_never_reads_another_file(CancellationToken cancellationToken)
    {
        const int files = 8, readers = 3, replacements = 20_000;
        for (int i = 0; i < files; i++)
            _folder.Write($"{(char)('a' + i)}", new string((char)('a' + i), PieceLength));
        IShardFile current = _folder.Shard.Open("a", ShardOpenOptions.Read);
        bool isOver = false;
        long right = 0, refused = 0;
        Task[] all = [.. Enumerable.Range(0, readers).Select(_ => Task.Factory.StartNew(() =>
        {
            byte[] piece = new byte[PieceLength];
            while (!Volatile.Read(ref isOver))
            {
                IShardFile file = Volatile.Read(ref current);
                try
                {
                    file.Read(piece, 0).Should().Be(PieceLength);
                    piece.Should().OnlyContain(one => one == file.Path[0]);
                    Interlocked.Increment(ref right);
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            for (int i = 1; i <= replacements || (Volatile.Read(ref right) == 0 && all.All(one => !one.IsCompleted)); i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                IShardFile old = Volatile.Read(ref current);
                if (i % 2 == 0)
                    Volatile.Write(ref current, _folder.Shard.Open($"{(char)('a' + (i % files))}", ShardOpenOptions.Read));
                old.Dispose();
                if (i % 2 != 0)
                    Volatile.Write(ref current, _folder.Shard.Open($"{(char)('a' + (i % files))}", ShardOpenOptions.Read));
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            Task.WaitAll(all, CancellationToken.None);
            current.Dispose();
        }
        right.Should().BePositive();
    }

    [Test]
    public void A_file_that_was_disposed_of_stays_closed_whatever_is_opened_afterwards()
    {
        _folder.Write("old", "old");
        _folder.Write("new", "new");
        IShardFile old = _folder.Shard.Open("old", ShardOpenOptions.Read);
        old.Dispose();
        using IShardFile other = _folder.Shard.Open("new", ShardOpenOptions.Read);
        old.Dispose();

        byte[] three = new byte[3];
        old.Invoking(file => file.Read(three, 0)).Should().Throw<ObjectDisposedException>();
        old.Invoking(file => file.GetInfo()).Should().Throw<ObjectDisposedException>();
        other.Read(three, 0).Should().Be(3);
        Encoding.ASCII.GetString(three).Should().Be("new");
    }

    [Test]
    [CancelAfter(60_000)]
    public void What_nobody_disposed_of_is_closed_by_the_garbage_collector_and_the_next_file_is_its_own(CancellationToken cancellationToken)
    {
        _folder.Write("file", "data");
        OpenAndForget(20);
        while (OpenDescriptors() > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using IShardFile next = _folder.Shard.Open("file", ShardOpenOptions.Read);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        next.Read(new byte[4], 0).Should().Be(4);
        OpenDescriptors().Should().Be(1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OpenAndForget(int count)
    {
        _folder.Shard.Open("file", ShardOpenOptions.Read).Dispose();
        var files = new IShardFile[count];
        for (int i = 0; i < count; i++)
            files[i] = _folder.Shard.Open("file", ShardOpenOptions.Read);
        OpenDescriptors().Should().Be(count);
        GC.KeepAlive(files); // a collection that comes by itself would close them before they are counted
    }

    private int OpenDescriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(one => new FileInfo(one).LinkTarget == _folder.PathOf("file"));
}
