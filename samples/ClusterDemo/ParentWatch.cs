using System.Runtime.InteropServices;

namespace ClusterHsm.ClusterDemo;

/// <summary>Ties a child to its parent: it hears the parent's words on standard input, and ends when they end, however the parent died.</summary>
internal sealed class ParentWatch : IDisposable
{
    private readonly PosixSignalRegistration _interrupt =
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);

    /// <summary>Calls <paramref name="onWord"/> for each line, and <paramref name="onEnd"/> once at the end.</summary>
    public void Start(Action<string> onWord, Action onEnd) => new Thread(() =>
    {
        while (Console.In.ReadLine() is { } word)
            onWord(word);
        onEnd();
    }) { IsBackground = true }.Start();

    public void Dispose() => _interrupt.Dispose();
}
