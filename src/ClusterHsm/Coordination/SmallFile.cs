using ClusterHsm.FileSystem;

namespace ClusterHsm.Coordination;

/// <summary>Reads the small text files of the control folder.</summary>
internal static class SmallFile
{
    /// <summary>All bytes, or null if there are more than <paramref name="most"/>.</summary>
    public static byte[]? Read(IShardFile file, int most)
    {
        byte[] buffer = new byte[most + 1];
        int length = 0;
        while (length < buffer.Length)
        {
            int count = file.Read(buffer.AsSpan(length), length);
            if (count == 0)
                break;
            length += count;
        }
        return length > most ? null : buffer[..length];
    }
}
