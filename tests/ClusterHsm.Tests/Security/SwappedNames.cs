using System.Diagnostics;
using System.Globalization;
using ClusterHsm.NodeProcess;
using ClusterHsm.Tests.Volume;
using FluentAssertions;

namespace ClusterHsm.Tests.Security;

/// <summary>Another process, where root another user's, that puts symbolic links in the place of files and folders, and back.</summary>
internal sealed class SwappedNames : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _raceEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _raced;
    private long _swaps;

    /// <param name="user">The user; null: this process's.</param>
    public SwappedNames(uint? user) => _process = Process.Start(new ProcessStartInfo("dotnet",
        ["exec", Path.ChangeExtension(typeof(NameSwapper).Assembly.Location, "dll"), "swap", user?.ToString(CultureInfo.InvariantCulture) ?? ""])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    /// <summary>How often a raced name has been swapped, there and back.</summary>
    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>Makes the link that is to take the place.</summary>
    /// <param name="path">Of what is swapped.</param>
    /// <param name="target">Where the link leads.</param>
    public void Link(string path, string target) => Ask("link", path, target);

    /// <summary>Puts the link in the place; the second time, what was there before.</summary>
    public void Swap(string path) => Ask("swap", path);

    /// <summary>Swaps all the time, until this is disposed of.</summary>
    public void Race(string path)
    {
        _raced = path;
        _process.StandardInput.WriteLine($"race\t{path}");
        new Thread(() =>
        {
            while (_process.StandardOutput.ReadLine() == "swap")
                Interlocked.Increment(ref _swaps);
            _raceEnd.SetResult();
        })
        { IsBackground = true }.Start();
    }

    /// <summary>Ends it, with what was raced in its place.</summary>
    public void Dispose()
    {
        if (_raced is not null)
        {
            _process.StandardInput.WriteLine();
            _raceEnd.Task.Wait(NodeChild.Patience).Should().BeTrue();
            File.Delete(NameSwapper.LinkOf(_raced));
            new FileInfo(_raced).LinkTarget.Should().BeNull();
        }
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Ask(params string[] words)
    {
        _process.StandardInput.WriteLine(string.Join('\t', words));
        _process.StandardInput.Flush();
        _process.StandardOutput.ReadLine().Should().Be("done");
    }
}
