using FluentAssertions;

namespace ClusterHsm.Tests.Security;

/// <summary>A folder that another thread takes away and puts a symbolic link in its place, and back, all the time.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class SwappedFolder : IDisposable
{
    private readonly string _folder, _link, _away;
    private readonly Thread _thread;
    private volatile bool _stops;
    private long _swaps;

    /// <param name="folder">The folder, which is there.</param>
    /// <param name="target">Where the link leads.</param>
    public SwappedFolder(string folder, string target)
    {
        (_folder, _link, _away) = (folder, folder + ".link", folder + ".away");
        File.CreateSymbolicLink(_link, target);
        _thread = new Thread(Swap) { IsBackground = true };
        _thread.Start();
    }

    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>Ends it with the folder in its place.</summary>
    public void Dispose()
    {
        _stops = true;
        _thread.Join();
        File.Delete(_link);
        Directory.Exists(_folder).Should().BeTrue();
    }

    private void Swap()
    {
        Random random = new(1);
        while (!_stops)
        {
            Rename(_folder, _away);
            Rename(_link, _folder);
            Thread.SpinWait(random.Next(20_000));
            Rename(_folder, _link);
            Rename(_away, _folder);
            Interlocked.Increment(ref _swaps);
            // In its place now and then for long enough that work of several steps succeeds.
            Thread.SpinWait(random.Next(4) == 0 ? random.Next(2_000_000) : random.Next(50_000));
        }
    }

    // Not Directory.Move: that looks first.
    private static void Rename(string from, string to)
    {
        if (Mono.Unix.Native.Stdlib.rename(from, to) != 0)
            throw new IOException($"'{from}' cannot be renamed: {Mono.Unix.Native.Stdlib.GetLastError()}.");
    }
}
