namespace ClusterHsm.FileSystem.Linux;

/// <summary>Which inode an account is about.</summary>
internal readonly record struct InodeKey(DeviceNumber Device, ulong Inode);

/// <summary>The accounts of all inodes that this process has open under process-owned locks. One for the process, as the locks are.</summary>
internal static class ProcessLockTable
{
    private static readonly Dictionary<InodeKey, InodeLocks> Accounts = [];

    /// <summary>The account of an inode, with one more user.</summary>
    internal static InodeLocks Join(InodeKey key)
    {
        lock (Accounts)
        {
            if (!Accounts.TryGetValue(key, out InodeLocks? account))
                Accounts.Add(key, account = new InodeLocks(key));
            account.Users++;
            return account;
        }
    }

    /// <summary>One user less; the last one takes the account along.</summary>
    internal static void Leave(InodeLocks account)
    {
        lock (Accounts)
        {
            if (--account.Users == 0)
                Accounts.Remove(account.Key);
        }
    }
}
