namespace ClusterHsm.Stubs;

/// <summary>A SHA-256 digest, written <c>sha256:</c> and 64 hexadecimal digits.</summary>
public readonly record struct ContentDigest
{
    /// <summary>From the 32 bytes.</summary>
    public ContentDigest(ReadOnlySpan<byte> sha256) => throw new NotImplementedException();

    /// <summary>Reads what ToString writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ContentDigest digest) => throw new NotImplementedException();
}
