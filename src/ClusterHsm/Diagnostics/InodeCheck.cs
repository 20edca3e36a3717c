using System.Globalization;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Inode numbers: a node's cache knows files by them, and a shard with a key signs them into the records.</summary>
internal sealed class InodeCheck : DoctorCheck
{
    public static readonly DoctorQuestion Stable = new("inodes.stable",
        "a file has one inode number at each open, and no other file has it", DoctorNeed.Relaxed);

    public static readonly DoctorQuestion Equal = new("inodes.equal",
        "a file has the same inode number on both sides", DoctorNeed.Nothing);

    public override IReadOnlyList<DoctorQuestion> Questions => [Stable, Equal];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        foreach (string name in (string[])["inode", "inode.other"])
            await x.OpenPairAsync(name, cancellationToken).ConfigureAwait(false);
        Numbers here = await LookAsync(x, x.Here, cancellationToken).ConfigureAwait(false);
        Numbers there = await LookAsync(x, x.There, cancellationToken).ConfigureAwait(false);

        string? fault = here.Fault("here") ?? there.Fault("there");
        x.Decide(Stable, fault is null, fault ?? $"inode {Show(here.First)} at two opens and when asked for; another file has {Show(here.Other)}",
            "the cache of a relaxed node can take a stub for a file: open volumes with LockModePolicy.AlwaysStrict on every node");

        bool equal = here.First == there.First && here.Other == there.Other;
        // Without a key only a node's own numbers count.
        DoctorQuestion question = x.Descriptor?.KeyId is null ? Equal : Equal with { Need = DoctorNeed.Migration };
        x.Decide(question, equal, equal ? $"inode {Show(here.First)} on both" : $"inode {Show(here.First)} here is {Show(there.First)} there, {Show(here.Other)} is {Show(there.Other)}",
            x.Descriptor?.KeyId is null
                ? "no harm without a key; do not make a shard with one here ('init --sign'): what one computer has signed, another would take for forged. Mount with the same inode options everywhere"
                : "records that one computer has signed look forged on another, and their stubs cannot be recalled there: no migration is safe. Mount with the same inode options everywhere (no 'enable-ino32' or 'inode32' on some)");
    }

    private static async Task<Numbers> LookAsync(Examination x, Party party, CancellationToken cancellationToken)
    {
        PartyFile first = await party.OpenAsync(x.PathOf("inode"), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        PartyFile other = await party.OpenAsync(x.PathOf("inode.other"), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        PartyFile again = await party.OpenAsync(x.PathOf("inode"), ShardOpenOptions.Read, cancellationToken).ConfigureAwait(false);
        PartnerAnswer asked = await first.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        return new Numbers(first.Inode, again.Inode, asked.Inode, other.Inode);
    }

    private static string Show(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Numbers(ulong First, ulong Again, ulong Asked, ulong Other)
    {
        public string? Fault(string where) =>
            First != Again ? $"{where}, a file has inode {Show(First)} at one open and {Show(Again)} at the next"
            : First != Asked ? $"{where}, a file that was opened as inode {Show(First)} says that it is {Show(Asked)}"
            : First == Other ? $"{where}, two files have inode {Show(First)}" : null;
    }
}
