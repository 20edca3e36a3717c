using ClusterHsm.Coordination;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>Finds out by trying, with a partner in a second process, what a shard's file system promises and whether the shard is in order.</summary>
/// <remarks>
/// Works on a directory that is not a shard yet, too. All trials are made on fresh files in a fresh folder, which is removed at the end;
/// no file of a user and none of the shard's own is changed or locked. Nobody is waited for without a time limit.
/// </remarks>
public static class ShardDoctor
{
    private static readonly DoctorQuestion Found = new("shard.found", "the directory is a shard", DoctorNeed.Nothing);

    private static readonly DoctorQuestion Partner = new("partner.started", "a second process has the same volume", DoctorNeed.Operation, HsmError.FileSystem);

    private static readonly DoctorQuestion Folder = new("probe.folder", "a folder for trials can be made", DoctorNeed.Operation, HsmError.AccessDenied);

    private static readonly DoctorQuestion Volume = new("partner.writes", "the second process can write what this one has made", DoctorNeed.Operation, HsmError.FileSystem);

    private static readonly DoctorQuestion Lasted = new("partner.lasted", "both sides answered to the end", DoctorNeed.Operation, HsmError.FileSystem);

    private static readonly DoctorQuestion Removed = new("probe.removed", "the folder for trials was removed", DoctorNeed.Operation, HsmError.FileSystem);

    /// <summary>Examines a directory.</summary>
    /// <param name="root">The root of a shard, or of a volume that may become one.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it; the folder for trials is removed all the same.</param>
    /// <exception cref="NotAShardException">The partner's mount is not one of the same volume.</exception>
    /// <exception cref="HsmException">The directory cannot be opened at all.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<DoctorReport> ExamineAsync(string root, DoctorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            // A hung shard is not closed either: that would hang, too.
            IShardFileSystem shard = await Task.Run(() => ShardFileSystem.Open(root), cancellationToken)
                .WaitAsync(options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            using (shard)
                return await ExamineAsync(shard, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ShardIOException failure)
        {
            throw failure.ToHsmException();
        }
        catch (TimeoutException failure)
        {
            throw new ShardFailureException(root, $"its file system did not answer within {Words.Span(options.AnswerTimeout)}",
                "See whether the mount has lost its server", failure);
        }
    }

    /// <summary>The same on a shard that is open.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="here">This side, where a test plays it; else the shard itself.</param>
    internal static async Task<DoctorReport> ExamineAsync(
        IShardFileSystem shard, DoctorOptions options, CancellationToken cancellationToken, IDoctorPartner? here = null)
    {
        options.Validate();
        options = options with { StartPartner = options.StartPartner ?? Starter(shard, options) };
        (ShardDescriptor? descriptor, HsmException? fault) = await Task.Run(() => Load(shard), cancellationToken)
            .WaitAsync(options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
        var x = new Examination(shard, descriptor, options);
        ReportFound(x, fault);
        if (descriptor is not null)
        {
            await RunAsync(x, new ShardChecks(), cancellationToken).ConfigureAwait(false);
            await RunAsync(x, new StoreChecks(), cancellationToken).ConfigureAwait(false);
        }
        x.Here = new Party(here ?? new InProcessPartner(shard), "this process", options.AnswerTimeout);
        x.There = await StartPartnerAsync(x, cancellationToken).ConfigureAwait(false);
        try
        {
            RefuseAnotherShard(x);
            // A damaged shard is one all the same: its control folder is there.
            await MakeFolderAsync(x, isShard: fault is not NotAShardException).ConfigureAwait(false);
            await AskVolumeAsync(x, cancellationToken).ConfigureAwait(false);
            foreach (DoctorCheck check in Checks())
                await RunAsync(x, check, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await EndAsync(x).ConfigureAwait(false);
        }
        return new DoctorReport(x);
    }

    private static Func<CancellationToken, ValueTask<IDoctorPartner>> Starter(IShardFileSystem shard, DoctorOptions options) =>
        options.Partner is { } program
            ? _ => ValueTask.FromResult<IDoctorPartner>(ProcessPartner.Start(program))
            : new PairedPartners(shard, options.AnswerTimeout).StartAsync;

    private static DoctorCheck[] Checks() =>
    [
        new LockChecks(), new GateCheck(), new ReaderLockCheck(), new LockQueryCheck(), new KilledPartnerCheck(), new ClosedHandleCheck(), new ReachCheck(),
        new PosixLockCheck(), new FlockReachCheck(), new FlockCheck(), new InodeCheck(), new RecordChecks(), new RecordSizeCheck(), new DataChecks(),
        new AttributeLagCheck(), new HoleChecks(), new TimestampCheck(), new OpenerCheck(), new ClockCheck(), new LeaseDurationCheck(),
    ];

    private static (ShardDescriptor?, HsmException?) Load(IShardFileSystem shard)
    {
        try
        {
            return (ShardDescriptor.Load(shard), null);
        }
        catch (HsmException failure)
        {
            return (null, failure);
        }
    }

    private static void ReportFound(Examination x, HsmException? fault)
    {
        if (x.Descriptor is { } descriptor)
            x.Holds(Found, $"shard {descriptor.ShardId} on {x.Shard.Capabilities.FileSystemType}{(x.Shard.Capabilities.IsReadOnly ? ", mounted read-only here" : "")}");
        else if (fault is NotAShardException)
            x.CouldNotTell(Found, $"it is not a shard yet; a directory on {x.Shard.Capabilities.FileSystemType}", "only the file system is examined");
        else
            x.DoesNotHold(Found with { Need = DoctorNeed.Operation, Error = fault!.Error }, fault.Cause, fault.Remedy);
    }

    private static async Task<Party> StartPartnerAsync(Examination x, CancellationToken cancellationToken)
    {
        try
        {
            Party partner = await PartnerStart.StartAsync(x.Options, cancellationToken).ConfigureAwait(false);
            PartnerAnswer here = await x.Here.AskAsync(new(PartnerOperation.Hello), cancellationToken).ConfigureAwait(false);
            x.Here.Greeting = here;
            x.PartnerIsOnAnotherComputer = here.Computer != partner.Greeting!.Computer;
            x.PartnerIsAnotherClient = x.PartnerIsOnAnotherComputer || here.Instance != partner.Greeting.Instance;
            x.Holds(Partner, $"process {partner.Greeting.Number} at {partner.Greeting.Text}, "
                + (x.PartnerIsOnAnotherComputer ? "on another computer" : x.PartnerIsAnotherClient ? "another client of the file system" : "the same client of the file system as this process"));
            return partner;
        }
        catch (PartyFailedException failure)
        {
            x.DoesNotHold(Partner, failure.Message, "nothing can be said about what another process sees");
            return Party.Missing("the partner process", "there is no partner process");
        }
    }

    private static void RefuseAnotherShard(Examination x)
    {
        if (x.There.Greeting is not { } there || there.ShardId == x.Descriptor?.ShardId)
            return;
        throw NotThisVolume(x, there.ShardId is { } id ? $"there is shard {id}" : "there is no shard that could be read");
    }

    /// <summary>A file that is made here must be there, with the same bytes.</summary>
    private static async Task AskVolumeAsync(Examination x, CancellationToken cancellationToken)
    {
        if (x.Folder.Length == 0 || x.There.LostBecause is not null)
            return;
        byte[] token = Guid.NewGuid().ToByteArray();
        PartyFailedException? failed = null;
        TimeSpan? seen = null;
        try
        {
            PartyFile here = await x.Here.OpenAsync(x.PathOf("token"), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
            await here.WriteAsync(token, 0, cancellationToken).ConfigureAwait(false);
            await here.FlushAsync(cancellationToken).ConfigureAwait(false);
            seen = await x.WaitUntilAsync(async () =>
            {
                try
                {
                    PartyFile there = await x.There.OpenAsync(x.PathOf("token"), ShardOpenOptions.ReadWrite, cancellationToken).ConfigureAwait(false);
                    return (await there.ReadAsync(0, token.Length, cancellationToken).ConfigureAwait(false)).AsSpan().SequenceEqual(token);
                }
                catch (PartyFailedException failure) when (failure.Error == ShardError.NotFound)
                {
                    failed = failure;
                    return false;
                }
            }, x.Options.Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (PartyFailedException failure)
        {
            HsmError error = failure.Error switch
            {
                ShardError.ReadOnly => HsmError.ReadOnly,
                ShardError.AccessDenied => HsmError.AccessDenied,
                _ => HsmError.FileSystem,
            };
            x.DoesNotHold(Volume with { Error = error }, failure.Message, "the two sides cannot be tried against each other; mount it there for writing, and run as a user who may write");
            return;
        }
        finally
        {
            await x.There.CloseAllAsync(cancellationToken).ConfigureAwait(false);
        }
        if (seen is null && x.Options.PartnerHasAnotherMount)
            throw NotThisVolume(x, $"a file that was made here was not seen there within {Words.Span(x.Options.Patience)}{(failed is null ? "" : $" ({failed.Message})")}");
        x.Decide(Volume, seen is not null, seen is { } time ? $"seen there {Words.Span(time)} after it was made here" : $"not seen within {Words.Span(x.Options.Patience)}",
            "the two processes do not work on the same files");
    }

    private static NotAShardException NotThisVolume(Examination x, string because) => new(
        x.There.Greeting!.Text, $"it is not another mount of what is at {x.Shard.Root}: {because}", "Give --peer the same directory by a second mount of its volume");

    /// <remarks>Not to be cancelled: a folder that is made must be known, to be removed.</remarks>
    private static async Task MakeFolderAsync(Examination x, bool isShard)
    {
        try
        {
            x.Folder = await Task.Run(() => ProbeFolder.Make(x.Shard, isShard)).WaitAsync(x.Options.AnswerTimeout).ConfigureAwait(false);
            x.Holds(Folder, x.Folder);
        }
        catch (ShardIOException failure)
        {
            HsmException named = failure.ToHsmException();
            x.DoesNotHold(Folder with { Error = named.Error }, failure.Message.TrimEnd('.'),
                failure.Error == ShardError.AccessDenied
                    ? "no trial on files can be made: run it as the owner of the folder, or as root"
                    : "no trial on files can be made: run it where the volume is mounted for writing");
        }
        catch (TimeoutException)
        {
            x.DoesNotHold(Folder with { Error = HsmError.FileSystem }, $"the file system did not answer within {Words.Span(x.Options.AnswerTimeout)}",
                "see whether the mount has lost its server");
        }
    }

    /// <summary>Runs a check; what it leaves unanswered could not be told.</summary>
    private static async Task RunAsync(Examination x, DoctorCheck check, CancellationToken cancellationToken)
    {
        string why;
        try
        {
            if (check.NeedsProbeFiles && x.Folder.Length == 0)
                why = "there is no folder for trials";
            else
            {
                Task run = Task.Run(() => check.RunAsync(x, cancellationToken), cancellationToken);
                // Only those that make no request of a party can hang here: a request has a time limit of its own.
                await (check.NeedsProbeFiles || check is ClockCheck ? run : run.WaitAsync(x.Options.AnswerTimeout, cancellationToken)).ConfigureAwait(false);
                why = "the trial before it failed";
            }
        }
        catch (PartyFailedException failure)
        {
            why = failure.Message;
        }
        catch (TimeoutException)
        {
            why = $"the file system did not answer within {Words.Span(x.Options.AnswerTimeout)}";
        }
        foreach (DoctorQuestion question in check.Questions.Where(question => !x.IsAnswered(question)))
            x.CouldNotTell(question, why);
        if (!check.NeedsProbeFiles)
            return;
        await x.There.CloseAllAsync(cancellationToken).ConfigureAwait(false);
        await x.Here.CloseAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the partner first, so that no file is open when the folder is removed.</summary>
    private static async Task EndAsync(Examination x)
    {
        string? lost = x.There.LostBecause ?? x.Here.LostBecause;
        if (x.There.Greeting is not null)
            x.Decide(Lasted, lost is null, lost ?? "no answer was missing", "what came after could not be told; see whether the mount has lost its server, and try again");
        await x.There.DisposeAsync().ConfigureAwait(false);
        await x.Here.CloseAllAsync(CancellationToken.None).ConfigureAwait(false);
        if (x.Folder.Length == 0)
            return;
        try
        {
            await Task.Run(() => ProbeFolder.Remove(x.Shard, x.Folder, x.Options.RemoveDirectory)).WaitAsync(x.Options.AnswerTimeout).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or TimeoutException)
        {
            x.DoesNotHold(Removed, failure.Message.TrimEnd('.'), $"remove '{ShardPath.Display(x.Shard.Root, x.Folder)}' by hand");
        }
    }
}
