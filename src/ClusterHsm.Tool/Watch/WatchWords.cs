using System.Globalization;
using ClusterHsm.Coordination;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool.Watch;

/// <summary>What is said of a shard and of who is on it.</summary>
internal static class WatchWords
{
    /// <summary>Who is there, and what migrators do.</summary>
    public static string Parties(WatchState state)
    {
        int relaxed = state.CountOf(PartyState.Relaxed), strict = state.CountOf(PartyState.Strict), silent = state.CountOf(PartyState.Silent);
        int migrators = state.CountOf(PartyState.Migrator), unknown = state.CountOf(PartyState.Unknown);
        List<string> kinds = [];
        Say(relaxed, "relaxed");
        Say(strict, "strict");
        Say(silent, "silent");
        Say(unknown, "unknown");
        int nodes = relaxed + strict + silent + unknown;
        string text = $"{nodes} {(nodes == 1 ? "node" : "nodes")}{(kinds.Count > 0 ? ": " : "")}{string.Join(", ", kinds)}";
        return migrators == 0 ? text : $"{text}; {migrators} {(migrators == 1 ? "migrator" : "migrators")}";

        void Say(int count, string what)
        {
            if (count > 0)
                kinds.Add($"{count} {what}");
        }
    }

    /// <summary>What migrators do, and whom they wait for.</summary>
    public static string Migration(WatchState state)
    {
        int inTheWay = state.Rows.Count(static row => row.InTheWay is not null);
        return state.Phase switch
        {
            HandoverPhase.None => "nobody migrates",
            HandoverPhase.Waiting when inTheWay > 0 =>
                $"a migrator has been waiting for {Text.Duration(state.PhaseFor)}; {inTheWay} {(inTheWay == 1 ? "node is" : "nodes are")} in its way",
            HandoverPhase.Waiting => $"a migrator has been waiting for {Text.Duration(state.PhaseFor)}",
            HandoverPhase.Releasing => $"files have been released for {Text.Duration(state.PhaseFor)}; all nodes are strict",
            _ => "whether anybody migrates cannot be seen",
        };
    }

    /// <summary>What all nodes do together.</summary>
    public static string Work(WatchState state)
    {
        long recalling = state.Rows.Sum(static row => row.State == PartyState.Gone ? 0 : row.Party.Counters?.Recalling ?? 0);
        string recalls = $"{recalling} {(recalling == 1 ? "recall" : "recalls")} under way";
        if (state.Rates is not { } rates)
            return $"no rates yet: nodes report every 10 s; {recalls}";
        string hits = rates.HitShare is { } share ? string.Create(CultureInfo.InvariantCulture, $", {share * 100:0.0} % hits") : "";
        return $"{Text.Short(rates.Opens)} opens/s{hits}; {recalls}, {Text.Bytes((long)rates.RecalledBytes)}/s";
    }

    /// <summary>What is wrong with the view itself; null if nothing is.</summary>
    public static string? Trouble(WatchState state) =>
        state.Unanswered is { } time ? $"The file system has not answered for {Text.Duration(time)}; what is below is as old."
        : state.Failure is { } failure ? $"The last look failed; what is below is older. {Text.OneLine(failure)}"
        : null;

    public static string Who(NodeInfo party) => Text.OneLine(party.Host is null ? party.Id : $"{party.Host}/{party.ProcessId} {party.ProcessName}");

    /// <summary>What else is to be known of a party.</summary>
    public static string Note(WatchRow row, HandoverPhase phase)
    {
        string note = row.State switch
        {
            PartyState.Strict => row.Party.Reason?.ToString() ?? "",
            PartyState.Silent => $"wrote nothing for {Text.Duration(row.Unchanged)}",
            PartyState.Gone => $"left or died {Text.Duration(row.Unchanged)} ago",
            PartyState.Dead => "its file could not be removed",
            PartyState.Unknown => "its file cannot be read",
            PartyState.Migrator => Session(row.Party, phase),
            _ => "",
        };
        return row.InTheWay is not { } time ? note
            : $"in the way {Text.Duration(time)}{(note.Length == 0 ? "" : ", ")}{note}";
    }

    private static string Session(NodeInfo migrator, HandoverPhase phase)
    {
        string files = migrator.Handover is not { Files: > 0 } handover ? ""
            : handover.Done > 0 ? $" {Text.Count(handover.Done)} of {Text.Count(handover.Files)} files, {Text.Bytes(handover.Bytes)}"
            : $" {Text.Count(handover.Files)} files";
        return (phase == HandoverPhase.Waiting ? files.Length == 0 ? "waits" : "waits," : "releases") + files;
    }
}
