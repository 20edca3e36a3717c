using ClusterHsm.Hosting;

namespace ClusterHsm.Worker;

/// <summary>Reads all files of all volumes again and again. Stubs stay stubs: a scan that recalls would undo every migration.</summary>
internal sealed class Reader(IHsmVolumes volumes, ILogger<Reader> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        byte[] buffer = new byte[1 << 16];
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (string name in volumes.Names)
            {
                if (volumes.TryGet(name, out HsmVolume? volume))
                    await ReadAllAsync(name, volume, buffer, stoppingToken);
            }
            await Task.Delay(Pause, stoppingToken);
        }
    }

    private async Task ReadAllAsync(string name, HsmVolume volume, byte[] buffer, CancellationToken stoppingToken)
    {
        long files = 0, stubs = 0, bytes = 0;
        foreach (FileStatus status in volume.EnumerateStatus("", failure => logger.LogWarning("{Failure}", failure.Message)))
        {
            stoppingToken.ThrowIfCancellationRequested();
            try
            {
                await using HsmFile file = await volume.OpenFileAsync(status.Path, new HsmOpenOptions { StubAccess = StubAccess.Fail }, stoppingToken);
                long offset = 0;
                for (int read; (read = await file.ReadAsync(buffer, offset, stoppingToken)) > 0; offset += read)
                {
                    // Here a program would look at buffer[..read].
                }
                bytes += offset;
                files++;
            }
            catch (StubFileException)
            {
                stubs++;
            }
            catch (HsmException failure)
            {
                logger.LogWarning("{Failure}", failure.Message);
            }
        }
        logger.LogInformation("{Volume}: read {Files} files, {Bytes} bytes; {Stubs} are stubs.", name, files, bytes, stubs);
    }
}
