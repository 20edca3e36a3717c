using System.Globalization;
using Mono.Unix.Native;

namespace ClusterHsm.NodeProcess;

/// <summary>Puts a symbolic link in the place of a file or folder, and back, as another user.</summary>
/// <remarks>
/// A command is a line of words with tabs between, each answered by a line: <c>link PATH TARGET</c>, <c>swap PATH</c> (and again: back),
/// <c>race PATH</c>: until the next line comes, with a line <c>swap</c> for each time there and back.
/// </remarks>
internal static class NameSwapper
{
    /// <summary>What the link is called while it is not in the place.</summary>
    public static string LinkOf(string path) => path + ".link";

    /// <param name="user">The user that it becomes; empty: it stays who it is.</param>
    public static int Run(string user)
    {
        if (user.Length > 0)
        {
            uint id = uint.Parse(user, CultureInfo.InvariantCulture);
            if (Syscall.setgroups([]) != 0 || Syscall.setresgid(id, id, id) != 0 || Syscall.setresuid(id, id, id) != 0)
                throw new InvalidOperationException($"This process cannot become user {user}: {Stdlib.GetLastError()}.");
        }
        HashSet<string> away = [];
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split('\t');
            switch (words[0])
            {
                case "link":
                    Check(Syscall.symlink(words[2], LinkOf(words[1])), words[1]);
                    break;
                case "swap":
                    Swap(words[1], back: !away.Add(words[1]) && away.Remove(words[1]));
                    break;
                default:
                    Race(words[1]);
                    break;
            }
            Say("done");
        }
        return 0;
    }

    private static void Race(string path)
    {
        bool stops = false;
        Thread racer = new(() =>
        {
            Random random = new(1);
            while (!Volatile.Read(ref stops))
            {
                Swap(path, back: false);
                Thread.SpinWait(random.Next(20_000));
                if (random.Next(8) == 0)
                    Thread.Sleep(random.Next(80));
                Swap(path, back: true);
                Say("swap");
                Thread.SpinWait(random.Next(50_000));
                // In its place now and then for longer than a handover takes, so that work of several steps succeeds: each swap changes the file's ctime.
                if (random.Next(8) == 0)
                    Thread.Sleep(random.Next(600));
            }
        });
        racer.Start();
        Console.In.ReadLine();
        Volatile.Write(ref stops, true);
        racer.Join();
    }

    private static void Swap(string path, bool back)
    {
        (string first, string second) = back ? (path, LinkOf(path)) : (path, path + ".away");
        Check(Stdlib.rename(first, second), path);
        (first, second) = back ? (path + ".away", path) : (LinkOf(path), path);
        Check(Stdlib.rename(first, second), path);
    }

    private static void Check(int result, string path)
    {
        if (result != 0)
            throw new IOException($"'{path}' cannot be swapped: {Stdlib.GetLastError()}.");
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
