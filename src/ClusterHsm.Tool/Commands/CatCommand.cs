using System.CommandLine;
using System.Security.Cryptography;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;
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
                await (parsed.GetValue(readThrough) ? WriteThroughAsync(volume, relative, cancel) : WriteAsync(volume, relative, cancel));
            }
            catch (HsmException failure)
            {
                run.Failures.Add(failure, ShardPath.Display(root, relative));
            }
        });
        return command;
    }

    private static async Task WriteAsync(HsmVolume volume, string path, CancellationToken cancel)
    {
        await using HsmFile file = await volume.OpenFileAsync(path, default, cancel);
        await WriteAsync(file, null, cancel);
    }

    /// <summary>A recall checks the digest before anybody is given a byte; here all of them are gone before it is known.</summary>
    private static async Task WriteThroughAsync(HsmVolume volume, string path, CancellationToken cancel)
    {
        await using HsmFile file = await volume.OpenFileAsync(path, new HsmOpenOptions { StubAccess = StubAccess.ReadThrough }, cancel);
        StubRecord? record = StubOf(file);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await WriteAsync(file, record is null ? null : digest, cancel);
        if (record is not null && new ContentDigest(digest.GetCurrentHash()) != record.Digest && StubOf(file) == record)
            throw new DigestMismatchException(ShardPath.Display(volume.Root, path), $"what was read of object {record.Key} is not what was archived ({record.Digest})",
                "Do not use what was written. Restore the object in the store from a backup");
    }

    private static async Task WriteAsync(HsmFile file, IncrementalHash? digest, CancellationToken cancel)
    {
        byte[] buffer = new byte[BufferSize];
        for (long offset = 0; ;)
        {
            int read = await file.ReadAsync(buffer, offset, cancel);
            if (read == 0)
                break;
            digest?.AppendData(buffer.AsSpan(0, read));
            StandardOutput.Write(buffer.AsSpan(0, read));
            offset += read;
        }
    }

    private static StubRecord? StubOf(HsmFile file) => file.GetStatus() is { IsStub: true } status ? status.Record : null;
}
