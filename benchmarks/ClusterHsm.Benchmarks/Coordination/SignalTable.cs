using System.Globalization;
using ClusterHsm.Coordination;

namespace ClusterHsm.Benchmarks.Coordination;

/// <summary>
/// One signal file and many nodes: how long a handover takes, and what the lock server has to do. Nodes and migrator are simulated in
/// virtual time, with the library's own intervals and pauses; beside it the library itself, with as few nodes as a computer bears.
/// </summary>
internal static class SignalTable
{
    private static readonly int[] Nodes = [1, 10, 100, 1000, 2000, 5000, 10_000];

    /// <summary>Prints three Markdown tables; the same at every run.</summary>
    /// <param name="output">Where.</param>
    /// <param name="roundTripMilliseconds">How long a lock call takes.</param>
    /// <param name="handovers">How many each row is made of.</param>
    public static void Print(TextWriter output, double roundTripMilliseconds, int handovers)
    {
        TimeSpan trip = TimeSpan.FromMilliseconds(roundTripMilliseconds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Lease 3 s, margin 200 ms, poll interval 1 s, round trip {trip.TotalMilliseconds:0.###} ms:\n"));
        Head(output);
        foreach (SignalRequest request in Enum.GetValues<SignalRequest>())
            foreach (int nodes in Nodes)
                Row(output, new SignalSetting(nodes, trip, Options(request, TimeSpan.FromSeconds(1))), handovers);

        output.WriteLine("\nThe same with the options that `SignalFileOptions.ForNodes` chooses, and a lease of 3 s or, where it is another, as given:\n");
        Head(output);
        foreach ((int nodes, int lease) in ((int, int)[])[(1000, 3), (2000, 3), (2000, 6), (5000, 3), (5000, 15), (10_000, 3), (10_000, 30)])
        {
            SignalFileOptions options = SignalFileOptions.ForNodes(nodes, trip, TimeSpan.FromSeconds(lease)) with { Random = new Random(1) };
            Row(output, new SignalSetting(nodes, trip, options) { Lease = TimeSpan.FromSeconds(lease) }, handovers);
        }

        output.WriteLine("\nThe model beside the library's own monitors and handovers, on a shard in memory:\n");
        output.WriteLine("| nodes | request | round trip | handover p50, model | library | lock calls/s, model | library |");
        output.WriteLine("|---:|---|---:|---:|---:|---:|---:|");
        foreach (SignalRequest request in Enum.GetValues<SignalRequest>())
            foreach ((int nodes, int milliseconds) in ((int, int)[])[(1, 1), (20, 1), (20, 50), (50, 50)])
                Compare(output, new SignalSetting(nodes, TimeSpan.FromMilliseconds(milliseconds), Options(request, TimeSpan.FromSeconds(1))), Math.Min(handovers, 20));
    }

    private static SignalFileOptions Options(SignalRequest request, TimeSpan interval) =>
        new() { Request = request, PollInterval = interval, Random = new Random(1) };

    private static void Head(TextWriter output)
    {
        output.WriteLine("| nodes | request | lease, s | interval, s | holders at an instant | signal had after, s: p50 | p99 | handover, s: p50 | p99 | not had in 30 s | lock calls/s |");
        output.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    }

    private static void Row(TextWriter output, SignalSetting setting, int handovers)
    {
        // What takes longest to play are many nodes: a quarter says enough.
        int count = setting.Nodes >= 2000 ? Math.Max(1, handovers / 4) : handovers;
        SignalFigures figures = SignalModel.Play(setting, count);
        IEnumerable<TimeSpan> signal = figures.Handovers.Select(one => one.Signal), whole = figures.Handovers.Select(one => one.Whole);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {setting.Nodes} | {Words(setting.Options.Request)} | {setting.Lease.TotalSeconds:0.#} | {setting.Options.PollInterval.TotalSeconds:0.##} | {setting.Holders:0.00} | {Seconds(signal, 0.5)} | {Seconds(signal, 0.99)} | {Seconds(whole, 0.5)} | {Seconds(whole, 0.99)} | {figures.Starved} of {count} | {figures.LockCallsPerSecond:0} |"));
    }

    private static void Compare(TextWriter output, SignalSetting setting, int handovers)
    {
        SignalFigures model = SignalModel.Play(setting, handovers);
        SignalFigures library = SignalRehearsal.Play(setting, handovers);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {setting.Nodes} | {Words(setting.Options.Request)} | {setting.RoundTrip.TotalMilliseconds:0} ms | {Seconds(Whole(model), 0.5)} | {Seconds(Whole(library), 0.5)} | {model.LockCallsPerSecond:0.0} | {library.LockCallsPerSecond:0.0} |"));
    }

    private static IEnumerable<TimeSpan> Whole(SignalFigures figures) => figures.Handovers.Select(one => one.Whole);

    private static string Words(SignalRequest request) => request == SignalRequest.Query ? "query" : "lock and unlock";

    private static string Seconds(IEnumerable<TimeSpan> values, double share) =>
        values.Any() ? SignalFigures.Percentile(values, share).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) : "–";
}
