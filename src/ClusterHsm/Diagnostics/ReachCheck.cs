using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Puts together what was seen of locks and what is known of the file system: are they seen by every computer?</summary>
internal sealed class ReachCheck : DoctorCheck
{
    public static readonly DoctorQuestion Reach = new("locks.reach", "locks are seen by every computer of the file system", DoctorNeed.Migration);

    private const string RecordIt =
        "the library stays strict and refuses to migrate until you record \"lockReach\": \"Shared\" in .clusterhsm/shard.json, while nobody is on the shard";

    public override IReadOnlyList<DoctorQuestion> Questions => [Reach];

    public override bool NeedsProbeFiles => false;

    public override Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        Decide(x);
        return Task.CompletedTask;
    }

    /// <summary>Whether they were found to stay on their computer: not only that some trial of them failed.</summary>
    public static bool IsNodeLocal(Examination x) =>
        x.Has(Reach, DoctorVerdict.DoesNotHold) && (x.Descriptor?.LockReach ?? x.Shard.Capabilities.LockReach) == LockReach.NodeLocal;

    private static void Decide(Examination x)
    {
        string type = x.Shard.Capabilities.FileSystemType;
        LockReach? recorded = x.Descriptor?.LockReach;
        LockReach reach = recorded ?? x.Shard.Capabilities.LockReach;
        string source = recorded is not null ? $"\"lockReach\" in shard.json ({type})"
            : x.Shard.Capabilities.LockFault is { } fault ? $"what is known of {type} ({fault})"
            : $"what is known of {type} with these mount options";
        bool refused = LockChecks.All.Any(question => x.Has(question, DoctorVerdict.DoesNotHold));
        bool seen = LockChecks.All.All(question => x.Has(question, DoctorVerdict.Holds));

        if (refused)
            x.DoesNotHold(Reach, $"the trials above failed; {source} says {Say(reach)}",
                reach == LockReach.Shared && recorded is not null
                    ? "remove \"lockReach\" from shard.json while nobody is on the shard: it makes nodes relaxed where that is not safe"
                    : "nodes stay strict, no migration is safe");
        else if (reach == LockReach.Unreliable)
            x.DoesNotHold(Reach, $"{source} says {Say(reach)}; the trials cannot show it",
                "nodes stay strict, no migration is safe, and the library refuses it. Keep the shard on another file system");
        else if (seen && recorded is null && SilentClients.HasOneComputer(type))
            x.Holds(Reach, $"{type} has one computer, and its processes see each other's locks");
        else if (seen && x.PartnerIsAnotherClient)
            x.Holds(Reach, $"seen between two {(x.PartnerIsOnAnotherComputer ? "computers" : "clients of the file system")}; {source} says {Say(reach)}", reach == LockReach.Shared ? "" : RecordIt);
        else if (reach == LockReach.Shared && seen)
            x.Holds(Reach, $"both processes use one mount of this computer, which cannot show it; {source} says {Say(reach)}");
        else if (reach == LockReach.NodeLocal)
            x.DoesNotHold(Reach, $"{source} says {Say(reach)}",
                "locks of one computer are not seen by the other: nodes stay strict, no migration is safe, and the library refuses it. If you know better, prove it with --peer on a second client's mount");
        else
            x.CouldNotTell(Reach, seen ? $"both processes use one mount of this computer, and nothing is known of {type}" : "the locks could not be tried",
                "the library stays strict and refuses to migrate. Prove it with --peer on a second client's mount");
    }

    private static string Say(LockReach reach) => reach switch
    {
        LockReach.Shared => "that they are",
        LockReach.NodeLocal => "that they are node-local",
        LockReach.Unreliable => "that they get lost while they are held",
        _ => "nothing",
    };
}
