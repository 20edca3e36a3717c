// Frees space on a shard by a rule of its own: the largest files first, until enough is freed.
//
//   dotnet run --project samples/StorageTool -- /mnt/projects --free 50000000000 --settle 01:00:00
//
// Ctrl-C ends it between two files; what is released stays released, and the same command goes on from there.

using System.Globalization;
using System.Runtime.InteropServices;
using ClusterHsm;
using ClusterHsm.Migration;
using ClusterHsm.StorageTool;

if (args is not [var root, "--free", var bytes, .. var rest] || !long.TryParse(bytes, CultureInfo.InvariantCulture, out long wanted)
    || !TimeSpan.TryParse(rest is ["--settle", var time] ? time : rest.Length == 0 ? "00:00:02" : "", CultureInfo.InvariantCulture, out TimeSpan settle))
{
    Console.Error.WriteLine("usage: StorageTool SHARD --free BYTES [--settle HH:MM:SS]");
    return 2;
}

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
try
{
    // It migrates and reads nothing, so it need not join as a node.
    await using HsmVolume volume = await HsmVolume.OpenAsync(root, new HsmVolumeOptions { JoinAsNode = false }, stop.Token);
    IReadOnlyList<FileStatus> chosen = LargestFirst.Choose(volume.EnumerateStatus("", failure => Console.Error.WriteLine(failure.Message)), wanted);
    Console.WriteLine($"{chosen.Count} files with {chosen.Sum(static file => file.AllocatedBytes)} bytes on the shard");
    MigrationOptions options = new() { SettleTime = settle, Progress = new Lines() };
    MigrationSummary done = await volume.MigrateAsync(chosen.Select(static file => file.Path), options, stop.Token);
    Console.WriteLine($"{done.Released} released, {done.BytesFreed} bytes freed, {done.Skipped} passed over, {done.Failed} failed; strict for {done.StrictTime.TotalSeconds:0.0} s");
    return done.Failed == 0 ? 0 : 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("cancelled; what was done stays done");
    return 130;
}
catch (HsmException failure)
{
    Console.Error.WriteLine(failure.Message);
    return (int)failure.Error;
}

void Cancel(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
