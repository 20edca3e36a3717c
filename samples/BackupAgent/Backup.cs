using ClusterHsm.Stubs;

namespace ClusterHsm.BackupAgent;

/// <summary>From a shard to a folder.</summary>
internal static class Backup
{
    public static async Task<int> RunAsync(string shard, string backup)
    {
        int files = 0, stubs = 0, failures = 0;
        // Joined as a node: files that are known to be regular are read without a lock.
        await using HsmVolume volume = await HsmVolume.OpenAsync(shard);
        Directory.CreateDirectory(backup);
        await using StreamWriter records = File.CreateText(Layout.Stubs(backup));
        foreach (FileStatus status in volume.EnumerateStatus("", Fail))
        {
            try
            {
                // Asked anew: it may have been migrated or recalled since it was listed.
                if (volume.GetStatus(status.Path).IsStub || !await TryCopyAsync(volume, status, backup))
                {
                    if (volume.Export(status.Path) is not { } export)
                        throw new InvalidOperationException($"{status.Path}: it was recalled meanwhile; it is in the next backup.");
                    await records.WriteLineAsync(export.ToString());
                    stubs++;
                }
                else
                {
                    files++;
                }
            }
            catch (Exception failure) when (failure is IOException or InvalidOperationException)
            {
                Fail(failure);
            }
        }
        Console.WriteLine($"{files} files, {stubs} stubs, {failures} failures");
        return failures == 0 ? 0 : 1;

        void Fail(Exception failure)
        {
            failures++;
            Console.Error.WriteLine(failure.Message);
        }
    }

    /// <returns>False if it became a stub: then its record is what is backed up.</returns>
    private static async Task<bool> TryCopyAsync(HsmVolume volume, FileStatus status, string backup)
    {
        string copy = Layout.Data(backup, status.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        try
        {
            await using HsmFile file = await volume.OpenFileAsync(status.Path, new HsmOpenOptions { StubAccess = StubAccess.Fail });
            await using (FileStream to = File.Create(copy))
                await file.AsStream().CopyToAsync(to);
            File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(Path.Combine(volume.Root, status.Path)));
            return true;
        }
        catch (StubFileException)
        {
            File.Delete(copy);
            return false;
        }
    }
}
