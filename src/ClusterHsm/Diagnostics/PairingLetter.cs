using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ClusterHsm.FileSystem;

namespace ClusterHsm.Diagnostics;

/// <summary>What two computers write to each other in a file, one line at a time, while they know nothing yet of what the file system promises.</summary>
/// <param name="Session">The examination that it belongs to.</param>
/// <param name="Number">Of a request, higher than the one before; an answer has its request's.</param>
/// <param name="Kind">What is asked, or what became of it.</param>
/// <param name="Partner">Which of the session's partners it is about.</param>
/// <param name="Text">A line for it or from it, or what failed.</param>
internal sealed record PairingLetter(Guid Session, int Number, PairingVerb Kind, int Partner, string Text)
{
    private const int MostBytes = 8 << 20;
    private const int MostWords = 6;
    private const char Separator = ' ';

    /// <summary>Puts it in a file in place of the one before.</summary>
    /// <remarks>Opened and closed each time: that is when network file systems write back, and look again (close-to-open, nfs(5)).</remarks>
    public void Put(IShardFileSystem shard, string path)
    {
        string body = string.Join(Separator, Session.ToString("N"), Number.ToString(CultureInfo.InvariantCulture), Kind, Partner.ToString(CultureInfo.InvariantCulture), Text);
        using IShardFile file = shard.Open(path, ShardOpenOptions.Write);
        file.Write(Encoding.UTF8.GetBytes($"{Digest(body)}{Separator}{body}\n"), 0);
    }

    /// <summary>The letter in a file; null if there is no file, or no letter in it that is whole. A shorter one leaves the end of a longer one behind it.</summary>
    /// <param name="shard">The volume.</param>
    /// <param name="path">The file.</param>
    /// <param name="only">The file that it must still be, where only some may write letters; else null.</param>
    /// <exception cref="IOException">It is another file.</exception>
    public static PairingLetter? Look(IShardFileSystem shard, string path, FileIdentity? only = null)
    {
        string content;
        try
        {
            using IShardFile file = shard.Open(path, ShardOpenOptions.Read);
            if (only is { } expected && file.Identity != expected)
                throw new IOException($"'{ShardPath.Display(shard.Root, path)}' has been replaced by somebody, who may not command this process.");
            content = ReadLine(file);
        }
        catch (ShardIOException failure) when (failure.Error == ShardError.NotFound)
        {
            return null;
        }
        string[] words = content.Split(Separator, MostWords);
        // No lock keeps a letter whole: whether locks do is what is to be found out.
        if (words.Length < MostWords || Digest(content[(words[0].Length + 1)..]) != words[0])
            return null;
        return Guid.TryParseExact(words[1], "N", out Guid session) && int.TryParse(words[2], CultureInfo.InvariantCulture, out int number)
            && Enum.TryParse(words[3], out PairingVerb kind) && int.TryParse(words[4], CultureInfo.InvariantCulture, out int partner)
            ? new PairingLetter(session, number, kind, partner, words[5])
            : null;
    }

    /// <summary>The first line; empty if it has no end.</summary>
    private static string ReadLine(IShardFile file)
    {
        using MemoryStream read = new();
        byte[] buffer = new byte[64 << 10];
        while (read.Length < MostBytes && file.Read(buffer, read.Length) is > 0 and int count)
        {
            int end = buffer.AsSpan(0, count).IndexOf((byte)'\n');
            read.Write(buffer, 0, end < 0 ? count : end);
            if (end >= 0)
                return Encoding.UTF8.GetString(read.GetBuffer(), 0, (int)read.Length);
        }
        return "";
    }

    private static string Digest(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
}

/// <summary>What a letter says.</summary>
internal enum PairingVerb
{
    /// <summary>Start a partner.</summary>
    Start,

    /// <summary>Hand a partner a line and send its answer.</summary>
    Ask,

    /// <summary>Kill a partner.</summary>
    Kill,

    /// <summary>Let a partner end; the session ends with the last.</summary>
    Close,

    /// <summary>It was done.</summary>
    Done,

    /// <summary>It failed.</summary>
    Failed,
}
