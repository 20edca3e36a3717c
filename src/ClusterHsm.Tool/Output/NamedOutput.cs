namespace ClusterHsm.Tool.Output;

/// <summary>Standard output whose failures say that they are its own: "No space left on device" must not be taken for the shard's.</summary>
internal sealed class NamedOutput : Stream
{
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <summary>Has everything that is written to the console go through it.</summary>
    /// <remarks>Not on Windows, where the console's encoding begins with a mark of its own.</remarks>
    public static void Install()
    {
        if (!OperatingSystem.IsWindows())
            Console.SetOut(new StreamWriter(new NamedOutput(), Console.OutputEncoding) { AutoFlush = true });
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
            _output.Write(buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"standard output cannot be written: {e.Message}", e);
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
