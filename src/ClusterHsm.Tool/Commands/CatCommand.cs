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
        Option<bool> throughStore = new("--read-through") { Description = "Serve a stub's bytes from the store and leave it a stub." };
        ToolCommand command = new("cat", "Write a file's bytes to standard output; a stub is recalled first.",
            "clusterhsm cat --read-through /mnt/shared/film.mov | ffprobe -") { path, throughStore };
        CommandRun.Set(command, null, async (_, parsed, cancel) =>
        {
            (string root, string relative) = ShardPaths.Locate(parsed.GetRequiredValue(path));
            await using HsmVolume volume = await ShardVisit.OpenAsync(root, cancel);
            var options = new HsmOpenOptions { StubAccess = parsed.GetValue(throughStore) ? StubAccess.ReadThrough : StubAccess.Recall };
            await using HsmFile file = await volume.OpenFileAsync(relative, options, cancel);
            StubRecord? readThrough = options.StubAccess == StubAccess.ReadThrough ? StubOf(file) : null;
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[BufferSize];
            for (long offset = 0; ;)
            {
                int read = await file.ReadAsync(buffer, offset, cancel);
                if (read == 0)
                    break;
                if (readThrough is not null)
                    digest.AppendData(buffer.AsSpan(0, read));
                StandardOutput.Write(buffer.AsSpan(0, read));
                offset += read;
            }
            // A recall checks this before anybody is given a byte; here all of them are gone before it is known.
            if (readThrough is not null && new ContentDigest(digest.GetCurrentHash()) != readThrough.Digest && StubOf(file) == readThrough)
                throw new DigestMismatchException(ShardPath.Display(root, relative),
                    $"what was read of object {readThrough.Key} is not what was archived ({readThrough.Digest})",
                    "Do not use what was written. Restore the object in the store from a backup");
        });
        return command;
    }

    private static StubRecord? StubOf(HsmFile file) => file.GetStatus() is { IsStub: true } status ? status.Record : null;
}
