using System.Security.Cryptography;

namespace ClusterHsm.ClusterDemo;

/// <summary>Every file once more, stubs read through so that they stay stubs.</summary>
/// <param name="Stubs">Files that are stubs now.</param>
/// <param name="Allocated">Bytes that all files take on the shard now.</param>
/// <param name="Mismatches">Files with wrong bytes.</param>
internal sealed record FinalCheck(int Stubs, long Allocated, int Mismatches)
{
    public static async Task<FinalCheck> RunAsync(Workspace workspace, Manifest manifest, CancellationToken cancellationToken)
    {
        await using HsmVolume volume = await HsmVolume.OpenAsync(workspace.Shard, new HsmVolumeOptions { JoinAsNode = false }, cancellationToken);
        int stubs = 0;
        int mismatches = 0;
        long allocated = 0;
        foreach (ManifestEntry entry in manifest.Entries)
        {
            FileStatus status = volume.GetStatus(entry.Path);
            stubs += status.IsStub ? 1 : 0;
            allocated += status.AllocatedBytes;
            await using HsmFile file =
                await volume.OpenFileAsync(entry.Path, new HsmOpenOptions { StubAccess = StubAccess.ReadThrough }, cancellationToken);
            await using Stream stream = file.AsStream();
            byte[] digest = await SHA256.HashDataAsync(stream, cancellationToken);
            if (digest.AsSpan().SequenceEqual(entry.Digest))
                continue;
            mismatches++;
            Console.Error.WriteLine($"final check: WRONG BYTES in {entry.Path}");
        }
        return new FinalCheck(stubs, allocated, mismatches);
    }
}
