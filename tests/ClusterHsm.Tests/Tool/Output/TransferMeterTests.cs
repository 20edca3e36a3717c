using ClusterHsm.Testing;
using ClusterHsm.Tool.Output;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.Tool.Output;

/// <summary>Rates and the time that is left, by a clock that is moved by hand.</summary>
public sealed class TransferMeterTests
{
    private const long MiB = 1 << 20;

    private ManualTimeProvider _clock = null!;
    private TransferMeter _meter = null!;

    [SetUp]
    public void MakeMeter()
    {
        _clock = new ManualTimeProvider();
        _meter = new TransferMeter(_clock);
    }

    [Test]
    public void A_rate_is_told_once_a_second_has_passed()
    {
        _meter.Begin("f", 100 * MiB);
        _meter.Move("f", MiB);
        _meter.Read().BytesPerSecond.Should().BeNull();

        _clock.Advance(TimeSpan.FromSeconds(2));

        _meter.Read().BytesPerSecond.Should().Be(MiB / 2.0);
    }

    [Test]
    public void A_rate_is_that_of_the_last_ten_seconds()
    {
        for (int second = 0; second < 60; second++)
            MoveInASecond(second < 30 ? 100 * MiB : MiB);

        _meter.Read().BytesPerSecond.Should().BeApproximately(MiB, MiB * 0.01);
    }

    [Test]
    public void A_transfer_that_hangs_has_no_rate_and_no_end()
    {
        _meter.SetTotal(1, 100 * MiB);
        _meter.Begin("f", 100 * MiB);
        MoveInASecond(10 * MiB);
        for (int second = 0; second < 12; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _meter.Read();
        }

        TransferStatus status = _meter.Read();

        status.BytesPerSecond.Should().Be(0);
        status.Left.Should().BeNull();
    }

    [Test]
    public void What_is_left_is_told_by_the_bytes_of_a_large_file_on_its_way()
    {
        _meter.SetTotal(1, 100 * MiB);
        _meter.Begin("f", 100 * MiB);
        for (int second = 0; second < 10; second++)
            MoveInASecond(MiB);

        TransferStatus status = _meter.Read();

        status.Should().BeEquivalentTo(new { Files = 0L, TotalFiles = 1L, Bytes = 10 * MiB, TotalBytes = 100 * MiB, Left = TimeSpan.FromSeconds(90) });
    }

    [Test]
    public void What_is_left_is_told_by_the_number_of_small_files()
    {
        _meter.SetTotal(1000, 1000);
        for (int file = 0; file < 100; file++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            _meter.Begin($"f{file}", 1);
            _meter.Move($"f{file}", 1);
            _meter.End($"f{file}");
        }

        _meter.Read().Left!.Value.TotalSeconds.Should().BeApproximately(90, 1);
    }

    [Test]
    public void Nothing_is_left_is_told_while_nobody_knows_how_much_there_is()
    {
        _meter.Begin("f", 100 * MiB);
        MoveInASecond(MiB);

        TransferStatus status = _meter.Read();

        status.TotalFiles.Should().BeNull();
        status.TotalBytes.Should().BeNull();
        status.Left.Should().BeNull();
    }

    [Test]
    public void A_file_that_ends_early_or_needed_nothing_counts_as_done_and_not_as_moved()
    {
        _meter.SetTotal(3, 30 * MiB);
        _meter.Pass(10 * MiB);
        _meter.Begin("failed", 10 * MiB);
        _meter.Move("failed", 4 * MiB);
        _meter.End("failed");
        _meter.End("failed");

        TransferStatus status = _meter.Read();

        status.Should().BeEquivalentTo(new { Files = 2L, Bytes = 4 * MiB, Progress = 20 * MiB, TotalBytes = 30 * MiB });
    }

    [Test]
    public void More_than_was_counted_is_never_more_than_all()
    {
        _meter.SetTotal(1, 10);
        _meter.Pass(20);
        _meter.Pass(20);

        TransferStatus status = _meter.Read();

        status.Should().BeEquivalentTo(new { TotalFiles = 2L, TotalBytes = 40L });
    }

    private void MoveInASecond(long bytes)
    {
        for (int part = 0; part < 4; part++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            _meter.Move("f", bytes / 4);
        }
    }
}
