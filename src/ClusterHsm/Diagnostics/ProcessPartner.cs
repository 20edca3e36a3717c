using System.Diagnostics;
using System.Text;

namespace ClusterHsm.Diagnostics;

/// <summary>A partner in a process of its own that runs <see cref="DoctorPartnerHost"/>.</summary>
/// <remarks>Not thread-safe. It ends with its standard input, so it does not outlive this process.</remarks>
internal sealed class ProcessPartner : IDoctorPartner
{
    private const int LongestComplaint = 500;

    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly StringBuilder _complaint = new();

    private ProcessPartner(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>The number of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="start">The program and its arguments; its streams are redirected here.</param>
    /// <exception cref="IOException">The program cannot be started.</exception>
    public static ProcessPartner Start(ProcessStartInfo start)
    {
        ArgumentNullException.ThrowIfNull(start);
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            return new ProcessPartner(Process.Start(start)!);
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new IOException($"The partner process '{start.FileName}' cannot be started: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string> AskAsync(string request, CancellationToken cancellationToken)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(request.AsMemory(), cancellationToken).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (await _process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } answer)
                return answer;
        }
        catch (IOException)
        {
            // A broken pipe: said below, with the exit code.
        }
        await WaitAsync(FarewellTime).ConfigureAwait(false);
        throw new IOException(_process.HasExited ? $"it has ended with exit code {_process.ExitCode}{Complaint}" : $"it has closed its output{Complaint}");
    }

    /// <inheritdoc/>
    public async ValueTask KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets it end by itself, and kills it if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
        if (!await WaitAsync(FarewellTime).ConfigureAwait(false))
        {
            _process.Kill();
            // One that hangs in the kernel does not die either; it is not waited for.
            await WaitAsync(FarewellTime).ConfigureAwait(false);
        }
        _process.Dispose();
    }

    private string Complaint
    {
        get
        {
            lock (_complaint)
                return _complaint.Length == 0 ? "" : $" ({_complaint.ToString().TrimEnd()})";
        }
    }

    private void Note(string? line)
    {
        lock (_complaint)
        {
            if (line is not null && _complaint.Length + line.Length < LongestComplaint)
                _complaint.Append(line).Append(' ');
        }
    }

    private async Task<bool> WaitAsync(TimeSpan time)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
