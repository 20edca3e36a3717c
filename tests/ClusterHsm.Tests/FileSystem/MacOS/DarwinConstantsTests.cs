using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.MacOS;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>Numbers as the headers of xnu-11417.101.15 have them, copied from there and not from the code.</summary>
[TestFixture]
public sealed class DarwinConstantsTests
{
    // bsd/sys/fcntl.h
    [TestCase("O_RDONLY", 0x0000, DarwinConstants.ReadOnly)]
    [TestCase("O_WRONLY", 0x0001, DarwinConstants.WriteOnly)]
    [TestCase("O_RDWR", 0x0002, DarwinConstants.ReadWrite)]
    [TestCase("O_NONBLOCK", 0x00000004, DarwinConstants.NonBlocking)]
    [TestCase("O_NOFOLLOW", 0x00000100, DarwinConstants.NoFollow)]
    [TestCase("O_CREAT", 0x00000200, DarwinConstants.Create)]
    [TestCase("O_EXCL", 0x00000800, DarwinConstants.Exclusive)]
    [TestCase("O_NOCTTY", 0x00020000, DarwinConstants.NoControllingTerminal)]
    [TestCase("O_DIRECTORY", 0x00100000, DarwinConstants.Directory)]
    [TestCase("O_CLOEXEC", 0x01000000, DarwinConstants.CloseOnExec)]
    [TestCase("O_NOFOLLOW_ANY", 0x20000000, DarwinConstants.NoFollowAny)]
    [TestCase("O_SEARCH", 0x40000000 | 0x00100000, DarwinConstants.Search)]
    [TestCase("AT_FDCWD", -2, DarwinConstants.CurrentDirectory)]
    [TestCase("AT_SYMLINK_NOFOLLOW", 0x0020, DarwinConstants.StatNoFollow)]
    [TestCase("AT_SYMLINK_NOFOLLOW_ANY", 0x0800, DarwinConstants.StatNoFollowAny)]
    [TestCase("F_RDADVISE", 44, DarwinConstants.AdviseRead)]
    [TestCase("F_RDAHEAD", 45, DarwinConstants.SetReadAhead)]
    [TestCase("F_GETPATH", 50, DarwinConstants.GetPath)]
    [TestCase("F_FULLFSYNC", 51, DarwinConstants.FullSync)]
    [TestCase("F_DUPFD_CLOEXEC", 67, DarwinConstants.DuplicateCloseOnExec)]
    [TestCase("F_OFD_SETLK", 90, DarwinConstants.SetOpenFileLock)]
    [TestCase("F_OFD_GETLK", 92, DarwinConstants.GetOpenFileLock)]
    [TestCase("F_PUNCHHOLE", 99, DarwinConstants.PunchHole)]
    [TestCase("F_RDLCK", 1, DarwinConstants.SharedLock)]
    [TestCase("F_UNLCK", 2, DarwinConstants.NoLock)]
    [TestCase("F_WRLCK", 3, DarwinConstants.ExclusiveLock)]
    // bsd/sys/_types/_seek_set.h
    [TestCase("SEEK_HOLE", 3, DarwinConstants.SeekHole)]
    [TestCase("SEEK_DATA", 4, DarwinConstants.SeekData)]
    // bsd/sys/_types/_s_ifmt.h
    [TestCase("S_IFMT", 0xF000, DarwinConstants.TypeMask)]
    [TestCase("S_IFDIR", 0x4000, DarwinConstants.DirectoryType)]
    [TestCase("S_IFREG", 0x8000, DarwinConstants.RegularType)]
    [TestCase("S_IFLNK", 0xA000, DarwinConstants.LinkType)]
    // bsd/sys/stat.h
    [TestCase("SF_DATALESS", 0x40000000, DarwinConstants.Dataless)]
    [TestCase("UTIME_NOW", -1, DarwinConstants.Now)]
    // bsd/sys/xattr.h
    [TestCase("XATTR_MAXNAMELEN", 127, DarwinConstants.MaxAttributeName)]
    // bsd/sys/mount.h
    [TestCase("MNT_RDONLY", 0x00000001, DarwinConstants.MountReadOnly)]
    [TestCase("MNT_LOCAL", 0x00001000, DarwinConstants.MountLocal)]
    // bsd/sys/stdio.h
    [TestCase("RENAME_EXCL", 0x00000004, DarwinConstants.RenameExclusively)]
    // bsd/sys/syslimits.h
    [TestCase("PATH_MAX", 1024, DarwinConstants.MaxPath)]
    public void A_constant_is_the_headers(string name, long header, object constant) =>
        Convert.ToInt64(constant, System.Globalization.CultureInfo.InvariantCulture).Should().Be(header, name);

    // bsd/sys/errno.h; the kinds are those that Linux's numbers of the same names have.
    [TestCase("EPERM", 1, ShardError.AccessDenied)]
    [TestCase("ENOENT", 2, ShardError.NotFound)]
    [TestCase("EINTR", 4, ShardError.Temporary)]
    [TestCase("EIO", 5, ShardError.DeadHandle)]
    [TestCase("ENXIO", 6, ShardError.NotARegularFile)]
    [TestCase("E2BIG", 7, ShardError.TooLarge)]
    [TestCase("EBADF", 9, ShardError.AccessDenied)]
    [TestCase("EDEADLK", 11, ShardError.Other)]
    [TestCase("ENOMEM", 12, ShardError.Temporary)]
    [TestCase("EACCES", 13, ShardError.AccessDenied)]
    [TestCase("EBUSY", 16, ShardError.Busy)]
    [TestCase("EEXIST", 17, ShardError.AlreadyExists)]
    [TestCase("ENODEV", 19, ShardError.NotSupported)]
    [TestCase("EISDIR", 21, ShardError.NotARegularFile)]
    [TestCase("ENFILE", 23, ShardError.Temporary)]
    [TestCase("EMFILE", 24, ShardError.Temporary)]
    [TestCase("ENOTTY", 25, ShardError.NotSupported)]
    [TestCase("ETXTBSY", 26, ShardError.Busy)]
    [TestCase("EFBIG", 27, ShardError.TooLarge)]
    [TestCase("ENOSPC", 28, ShardError.NoSpace)]
    [TestCase("EROFS", 30, ShardError.ReadOnly)]
    [TestCase("ERANGE", 34, ShardError.TooLarge)]
    [TestCase("EAGAIN", 35, ShardError.Busy)]
    [TestCase("ENOTSUP", 45, ShardError.NotSupported)]
    [TestCase("ECONNABORTED", 53, ShardError.DeadHandle)]
    [TestCase("ENOTCONN", 57, ShardError.DeadHandle)]
    [TestCase("ESHUTDOWN", 58, ShardError.DeadHandle)]
    [TestCase("ETIMEDOUT", 60, ShardError.Temporary)]
    [TestCase("ELOOP", 62, ShardError.Other)]
    [TestCase("ENAMETOOLONG", 63, ShardError.TooLarge)]
    [TestCase("ENOTEMPTY", 66, ShardError.AlreadyExists)]
    [TestCase("EDQUOT", 69, ShardError.NoSpace)]
    [TestCase("ESTALE", 70, ShardError.DeadHandle)]
    [TestCase("ENOLCK", 77, ShardError.Temporary)]
    [TestCase("ENOSYS", 78, ShardError.NotSupported)]
    [TestCase("EOVERFLOW", 84, ShardError.TooLarge)]
    [TestCase("EILSEQ", 92, ShardError.NotSupported)]
    [TestCase("EOPNOTSUPP", 102, ShardError.NotSupported)]
    // Numbers that mean something else on Linux.
    [TestCase("ENOTSOCK", 38, ShardError.Other)]
    [TestCase("EPFNOSUPPORT", 46, ShardError.Other)]
    [TestCase("EPROGMISMATCH", 75, ShardError.Other)]
    [TestCase("EMULTIHOP", 95, ShardError.Other)]
    public void An_error_number_has_the_kind_of_its_name(string name, int number, ShardError kind)
    {
        DarwinErrors.KindOf(number).Should().Be(kind, name);
        DarwinErrors.Failure("open", "/file", number).Message.Should().NotContain("error 0").And.EndWith(".");
    }

    [TestCase(35, LockStatus.Denied)]
    [TestCase(13, LockStatus.Denied)]
    [TestCase(11, LockStatus.Failed)]
    [TestCase(77, LockStatus.Failed)]
    [TestCase(45, LockStatus.Failed)]
    [TestCase(4, LockStatus.Failed)]
    [TestCase(0, LockStatus.Granted)]
    public void Only_a_clean_answer_to_a_lock_call_is_a_grant(int number, LockStatus status) =>
        DarwinErrors.LockResultOf(number).Status.Should().Be(status);
}
