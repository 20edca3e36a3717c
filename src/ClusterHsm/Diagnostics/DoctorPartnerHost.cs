using System.Diagnostics;
using System.Text.Json;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>What the partner's process runs: answers requests, one a line, until its input ends.</summary>
public static class DoctorPartnerHost
{
    /// <summary>Serves a volume to a doctor in another process.</summary>
    /// <param name="root">The root of the volume, as this process has it mounted.</param>
    /// <param name="input">Where requests come from.</param>
    /// <param name="output">Where answers go; flushed after each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HsmException">The root cannot be opened.</exception>
    /// <exception cref="ArgumentException">A request is not one.</exception>
    public static async Task RunAsync(string root, TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        try
        {
            using IShardFileSystem shard = ShardFileSystem.Open(root);
            using var session = new PartnerSession(shard);
            while (await input.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                await output.WriteLineAsync(session.Answer(line).AsMemory(), cancellationToken).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ShardIOException failure)
        {
            throw failure.ToHsmException();
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException)
        {
            throw new ArgumentException("A line is not a request of 'clusterhsm doctor'; this command is for it alone.", failure);
        }
    }

    /// <summary>
    /// Waits on a volume for a doctor on another computer, whose <see cref="DoctorOptions.Partner"/> is null, and serves it to the end. The two
    /// write to each other in two files in the shard's control folder, or in the root where there is no shard; they are removed at the end.
    /// Whoever may write them can do to files below the root what this process can.
    /// </summary>
    /// <param name="root">The root of the volume, as this process has it mounted.</param>
    /// <param name="partner">A program that runs <see cref="RunAsync"/> on the same volume, with its arguments.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="FileBusyException">Another listener is waiting on this volume.</exception>
    /// <exception cref="HsmException">The root cannot be opened, or the files cannot be made.</exception>
    public static async Task ListenAsync(string root, ProcessStartInfo partner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(partner);
        try
        {
            using IShardFileSystem shard = ShardFileSystem.Open(root);
            PairingListener listener = new(shard, partner);
            await using (listener.ConfigureAwait(false))
                await listener.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ShardIOException failure)
        {
            throw failure.ToHsmException();
        }
    }
}
