using Microsoft.Extensions.Logging;

namespace ClusterHsm.NodeProcess;

/// <summary>Passes each message on as a line.</summary>
internal sealed class LineLogger(Action<string> write) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        write($"{logLevel} {formatter(state, exception).ReplaceLineEndings(" ")}");
}
