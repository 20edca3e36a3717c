using System.Security.Cryptography;
using ClusterHsm.FileSystem;
using ClusterHsm.Stubs;

namespace ClusterHsm.Diagnostics;

/// <summary>Whether the longest record that there can be fits.</summary>
internal sealed class RecordSizeCheck : DoctorCheck
{
    public static readonly DoctorQuestion Longest = new("records.size", "a file keeps a record of the longest kind", DoctorNeed.Migration);

    public override IReadOnlyList<DoctorQuestion> Questions => [Longest];

    public override async Task RunAsync(Examination x, CancellationToken cancellationToken)
    {
        PartyFile file = await x.Here.OpenAsync(x.PathOf("records-size"), ShardOpenOptions.ReadWrite | ShardOpenOptions.Create, cancellationToken).ConfigureAwait(false);
        string? fault = await FindFaultAsync(file, StubRecordCodec.MaxLength, cancellationToken).ConfigureAwait(false);
        if (fault is null)
        {
            x.Holds(Longest, $"{StubRecordCodec.MaxLength} bytes were written and read back");
            return;
        }
        int fits = 0, tooLong = StubRecordCodec.MaxLength;
        while (tooLong - fits > 1)
        {
            int middle = (fits + tooLong) / 2;
            if (await FindFaultAsync(file, middle, cancellationToken).ConfigureAwait(false) is null)
                fits = middle;
            else
                tooLong = middle;
        }
        x.DoesNotHold(Longest, $"{StubRecordCodec.MaxLength} bytes: {fault}; {fits} bytes are the most that were kept",
            "files whose record is longer could not be archived, or their stub not be recalled: no migration is safe. Format the file system with larger inodes or attributes");
    }

    /// <returns>What went wrong, or null.</returns>
    private static async Task<string?> FindFaultAsync(PartyFile file, int length, CancellationToken cancellationToken)
    {
        byte[] value = RandomNumberGenerator.GetBytes(length);
        try
        {
            await file.WriteAttributeAsync(value, cancellationToken).ConfigureAwait(false);
        }
        catch (PartyFailedException failure) when (failure.Error != ShardError.None)
        {
            return failure.Message;
        }
        byte[]? kept = await file.ReadAttributeAsync(cancellationToken).ConfigureAwait(false);
        return kept is null ? "nothing was read back" : kept.AsSpan().SequenceEqual(value) ? null : $"{kept.Length} other bytes were read back";
    }
}
