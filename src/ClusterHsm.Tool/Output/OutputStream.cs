namespace ClusterHsm.Tool.Output;

/// <summary><see cref="StandardOutput"/> as a stream.</summary>
internal sealed class OutputStream : Stream
{
    /// <summary>
    /// Whether a command goes on that nobody reads any more: one does that works on files, and is not run for what it writes. Of any other
    /// the reader would take what he has for the whole.
    /// </summary>
    public static bool OutlivesReader { get; set; }

    /// <summary>Has everything that is written to the console go through it.</summary>
    /// <remarks>Not on Windows, where the console's encoding begins with a mark of its own.</remarks>
    public static void Install()
    {
        if (!OperatingSystem.IsWindows())
            Console.SetOut(new StreamWriter(new OutputStream(), Console.OutputEncoding) { AutoFlush = true });
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            StandardOutput.Write(buffer);
        }
        catch (ClosedOutputException) when (OutlivesReader)
        {
            // It is nobody's loss.
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
