using System.CommandLine;
using ClusterHsm.FileSystem;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Commands;

/// <summary><c>clusterhsm cat</c>.</summary>
internal static class CatCommand
{
    private const int BufferSize = 1 << 20;

    public static Command Create()
    {
        Argument<string> path = new("PATH") { Description = "A file on a shard." };
        Option<bool> readThrough = new("--read-through") { Description = "Serve a stub's bytes from the store and leave it a stub." };
        ToolCommand command = new("cat", "Write a file's bytes to standard output; a stub is recalled first.",
            "clusterhsm cat --read-through /mnt/shared/film.mov | ffprobe -") { path, readThrough };
        CommandRun.Set(command, null, async (run, parsed, cancel) =>
        {
            run.Cancellation = "the output ends before the end of the file, and the same command begins again";
            (string root, string relative) = ShardPaths.Locate(parsed.GetRequiredValue(path));
            if (relative.Length == 0)
                throw new NotARegularFileException(root, "it is a folder", "Name a regular file in it");
            await using HsmVolume volume = await ShardVisit.OpenAsync(root, cancel);
            try
            {
                await WriteAsync(volume, relative, parsed.GetValue(readThrough) ? StubAccess.ReadThrough : StubAccess.Recall, cancel);
            }
            catch (HsmException failure)
            {
                run.Failures.Add(failure, ShardPath.Display(root, relative));
            }
        });
        return command;
    }

    private static async Task WriteAsync(HsmVolume volume, string path, StubAccess access, CancellationToken cancel)
    {
        await using HsmFile file = await volume.OpenFileAsync(path, new HsmOpenOptions { StubAccess = access }, cancel);
        byte[] buffer = new byte[BufferSize];
        for (long offset = 0; ;)
        {
            int read = await file.ReadAsync(buffer, offset, cancel);
            if (read == 0)
                break;
            StandardOutput.Write(buffer.AsSpan(0, read));
            offset += read;
        }
    }
}
