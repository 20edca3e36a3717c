using ClusterHsm.Migration;
using ClusterHsm.Stubs;

namespace ClusterHsm.BackupAgent;

/// <summary>From a folder to a shard. What is there is left alone.</summary>
internal static class Restore
{
    public static async Task<int> RunAsync(string backup, string shard)
    {
        int files = 0, failures = 0;
        await using HsmVolume volume = await HsmVolume.OpenAsync(shard, new HsmVolumeOptions { JoinAsNode = false });
        string data = Layout.Data(backup);
        foreach (string copy in Directory.Exists(data) ? Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories) : [])
        {
            string path = Path.GetRelativePath(data, copy), target = Path.Combine(volume.Root, path);
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                await using (HsmFile file = await volume.OpenFileAsync(path, new HsmOpenOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite }))
                {
                    await using FileStream from = File.OpenRead(copy);
                    await from.CopyToAsync(file.AsStream());
                    file.Flush();
                }
                File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(copy));
                files++;
            }
            catch (IOException failure)
            {
                Fail(failure.Message);
            }
        }
        // All under one handover: nodes are asked to leave relaxed mode once.
        MigrationSummary imported = await volume.ImportAsync(Exports(Layout.Stubs(backup)));
        foreach (FileOutcome failure in imported.Failures)
            Fail(failure.Reason ?? failure.Path);
        Console.WriteLine($"{files} files, {imported.Imported} stubs, {failures} failures");
        return failures == 0 ? 0 : 1;

        IEnumerable<StubExport> Exports(string records)
        {
            foreach (string line in File.ReadLines(records))
            {
                if (StubExport.TryParse(line, out StubExport? export, out string? problem))
                    yield return export!;
                else
                    Fail($"{records}: a line is not a stub's record: {problem}.");
            }
        }

        void Fail(string why)
        {
            failures++;
            Console.Error.WriteLine(why);
        }
    }
}
