using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mono.Unix.Native;

namespace ClusterHsm.NodeProcess;

/// <summary>Works on a shard and kills itself before one durable step, or after the last. Writes a line for each step that it comes to.</summary>
internal static class CrashRun
{
    /// <param name="words">Root, store, the number of the step (0: it lives), what is done (<see cref="ShardWork"/> or <c>init</c>).</param>
    public static async Task<int> RunAsync(string[] words)
    {
        (string root, string store, string[] work) = (words[0], words[1], words[3..]);
        int fatal = int.Parse(words[2], CultureInfo.InvariantCulture), number = 0;
        if (work[0] == "init")
        {
            SteppedVolume.Initialize(root, store, Step);
        }
        else
        {
            SteppedVolume volume = SteppedVolume.Open(root, store, Step); // not disposed: to leave is no step of the work
            foreach (string failure in await ShardWork.RunAsync(volume.Volume, work))
                throw new InvalidOperationException(failure);
        }
        if (fatal > 0)
            Die();
        return 0;

        void Step(string what, string path)
        {
            Console.Out.WriteLine($"{what} {path}");
            if (++number == fatal)
                Die();
        }
    }

    [DoesNotReturn]
    private static void Die()
    {
        Syscall.kill(Syscall.getpid(), Signum.SIGKILL);
        throw new UnreachableException();
    }
}
