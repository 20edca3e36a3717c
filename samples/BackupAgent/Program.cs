// Backs up a shard without recalling anything, and restores it:
//
//   dotnet run --project samples/BackupAgent -- backup /mnt/projects /srv/backup
//   dotnet run --project samples/BackupAgent -- restore /srv/backup /mnt/projects
//
// /srv/backup/data has the data of files that are on the shard, /srv/backup/stubs.jsonl the records of those that are in secondary
// storage. A stub needs its object: restore before a sweep's grace time is over. Empty folders, owners and modes of files are left out
// here; stubs keep theirs.

using ClusterHsm;
using ClusterHsm.BackupAgent;

if (args is not [("backup" or "restore") and var what, var from, var to])
{
    Console.Error.WriteLine("usage: BackupAgent backup SHARD FOLDER | restore FOLDER SHARD");
    return 2;
}
try
{
    return what == "backup" ? await Backup.RunAsync(from, to) : await Restore.RunAsync(from, to);
}
catch (HsmException failure)
{
    Console.Error.WriteLine(failure.Message);
    return (int)failure.Error;
}
