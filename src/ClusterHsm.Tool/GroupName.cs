using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ClusterHsm.Tool.Output;

namespace ClusterHsm.Tool;

/// <summary>The number of a group, by its name.</summary>
internal static unsafe partial class GroupName
{
    /// <summary>What is tried first; glibc's grp.h calls it reasonable (NSS_BUFLEN_GROUP).</summary>
    private const int UsualLength = 1024;

    /// <summary>More than any list of members takes.</summary>
    private const int MostLength = 16 << 20;

    // The same numbers on Linux and macOS. getgrnam_r(3): all but the last may mean that there is no such group.
    private const int NotPermitted = 1, NoEntry = 2, NoProcess = 3, BadDescriptor = 9, TooSmall = 34;

    /// <summary>Finds the number.</summary>
    /// <param name="text">A name, or the number itself.</param>
    /// <param name="problem">Why there is none, and what to do.</param>
    /// <param name="firstLength">Bytes of the first buffer.</param>
    /// <returns>The number; null if there is none.</returns>
    internal static uint? NumberOf(string text, out string problem, int firstLength = UsualLength)
    {
        problem = "";
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            return number;
        int error = NoEntry;
        try
        {
            if (!OperatingSystem.IsWindows() && !text.Contains('\0', StringComparison.Ordinal))
                error = Ask(text, firstLength, out number);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            problem = $"this computer's C library cannot be asked for the group '{Text.OneLine(text)}' ({e.Message.TrimEnd('.')}). Give its number";
            return null;
        }
        if (error == 0)
            return number;
        problem = error is NoEntry or NotPermitted or NoProcess or BadDescriptor ? $"there is no group '{Text.OneLine(text)}' on this computer"
            : $"the group '{Text.OneLine(text)}' could not be looked up ({Marshal.GetPInvokeErrorMessage(error)}). Give its number";
        return null;
    }

    private static int Ask(string name, int firstLength, out uint number)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name + '\0');
        number = 0;
        for (int length = firstLength; ; length *= 2)
        {
            byte[] buffer = new byte[length];
            Group group;
            Group* found = null;
            int error;
            fixed (byte* start = bytes, room = buffer)
                error = GetGroup(start, &group, room, (nuint)length, &found);
            if (error == TooSmall && length < MostLength)
                continue;
            if (error == 0 && found is null)
                return NoEntry;
            number = group.Number;
            return error;
        }
    }

    /// <remarks>glibc, musl and macOS have it, and the same structure on 64 bits.</remarks>
    [LibraryImport("libc", EntryPoint = "getgrnam_r")]
    private static partial int GetGroup(byte* name, Group* group, byte* buffer, nuint length, Group** found);

    /// <summary><c>struct group</c> (grp.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Group
    {
        public byte* Name;
        public byte* Password;
        public uint Number;
        public byte** Members;
    }
}
