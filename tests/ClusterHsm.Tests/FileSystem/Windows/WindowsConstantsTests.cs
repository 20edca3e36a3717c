using ClusterHsm.FileSystem.Windows;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Windows;

/// <summary>Numbers as the headers have them, copied from there and not from the code: mingw-w64 10.0, and Microsoft's pages where those are silent.</summary>
[TestFixture]
public sealed class WindowsConstantsTests
{
    // mingw-w64 10.0, winnt.h
    [TestCase("FILE_READ_DATA", 0x0001, WindowsConstants.ReadData)]
    [TestCase("FILE_WRITE_DATA", 0x0002, WindowsConstants.WriteData)]
    [TestCase("FILE_LIST_DIRECTORY", 0x0001, WindowsConstants.ListDirectory)]
    [TestCase("FILE_ADD_FILE", 0x0002, WindowsConstants.AddFile)]
    [TestCase("FILE_TRAVERSE", 0x0020, WindowsConstants.Traverse)]
    [TestCase("FILE_READ_ATTRIBUTES", 0x0080, WindowsConstants.ReadAttributes)]
    [TestCase("FILE_WRITE_ATTRIBUTES", 0x0100, WindowsConstants.WriteAttributes)]
    [TestCase("DELETE", 0x00010000, WindowsConstants.DeleteAccess)]
    [TestCase("SYNCHRONIZE", 0x00100000, WindowsConstants.Synchronize)]
    [TestCase("FILE_SHARE_READ", 0x00000001, WindowsConstants.ShareRead)]
    [TestCase("FILE_SHARE_WRITE", 0x00000002, WindowsConstants.ShareWrite)]
    [TestCase("FILE_SHARE_DELETE", 0x00000004, WindowsConstants.ShareDelete)]
    [TestCase("FILE_OPEN", 0x00000001, WindowsConstants.OpenThere)]
    [TestCase("FILE_CREATE", 0x00000002, WindowsConstants.CreateNew)]
    [TestCase("FILE_OPEN_IF", 0x00000003, WindowsConstants.OpenOrCreate)]
    [TestCase("FILE_DIRECTORY_FILE", 0x00000001, WindowsConstants.DirectoryFile)]
    [TestCase("FILE_SYNCHRONOUS_IO_NONALERT", 0x00000020, WindowsConstants.SynchronousIo)]
    [TestCase("FILE_NON_DIRECTORY_FILE", 0x00000040, WindowsConstants.NonDirectoryFile)]
    [TestCase("FILE_OPEN_REPARSE_POINT", 0x00200000, WindowsConstants.OpenReparsePoint)]
    [TestCase("FILE_OPEN_NO_RECALL", 0x00400000, WindowsConstants.OpenNoRecall)]
    [TestCase("FILE_ATTRIBUTE_READONLY", 0x00000001, WindowsConstants.ReadOnly)]
    [TestCase("FILE_ATTRIBUTE_DIRECTORY", 0x00000010, WindowsConstants.Directory)]
    [TestCase("FILE_ATTRIBUTE_NORMAL", 0x00000080, WindowsConstants.Normal)]
    [TestCase("FILE_ATTRIBUTE_REPARSE_POINT", 0x00000400, WindowsConstants.ReparsePoint)]
    [TestCase("FILE_ATTRIBUTE_OFFLINE", 0x00001000, WindowsConstants.Offline)]
    [TestCase("FILE_SUPPORTS_SPARSE_FILES", 0x00000040, WindowsConstants.SupportsSparseFiles)]
    [TestCase("FILE_NAMED_STREAMS", 0x00040000, WindowsConstants.NamedStreams)]
    [TestCase("FILE_READ_ONLY_VOLUME", 0x00080000, WindowsConstants.ReadOnlyVolume)]
    [TestCase("IO_REPARSE_TAG_SYMLINK", 0xA000000C, WindowsConstants.SymbolicLinkTag)]
    [TestCase("IsReparseTagNameSurrogate", 0x20000000, WindowsConstants.NameSurrogate)]
    [TestCase("DUPLICATE_SAME_ACCESS", 0x00000002, WindowsConstants.SameAccess)]
    // Microsoft, File Attribute Constants (winnt.h): "Only kernel-mode callers can set" the first, and the second "only appears in directory enumeration classes"
    [TestCase("FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS", 0x400000, WindowsConstants.RecallOnDataAccess)]
    [TestCase("FILE_ATTRIBUTE_RECALL_ON_OPEN", 0x40000, WindowsConstants.RecallOnOpen)]
    // fileapi.h, winbase.h
    [TestCase("CREATE_NEW", 1, WindowsConstants.Win32CreateNew)]
    [TestCase("OPEN_EXISTING", 3, WindowsConstants.Win32OpenExisting)]
    [TestCase("FILE_FLAG_BACKUP_SEMANTICS", 0x2000000, WindowsConstants.BackupSemantics)]
    [TestCase("FILE_FLAG_OPEN_REPARSE_POINT", 0x200000, WindowsConstants.FlagOpenReparsePoint)]
    [TestCase("FILE_FLAG_OPEN_NO_RECALL", 0x100000, WindowsConstants.FlagOpenNoRecall)]
    [TestCase("FILE_DISPOSITION_FLAG_DELETE", 0x00000001, WindowsConstants.DispositionDelete)]
    [TestCase("FILE_DISPOSITION_FLAG_POSIX_SEMANTICS", 0x00000002, WindowsConstants.DispositionPosix)]
    [TestCase("FILE_RENAME_FLAG_REPLACE_IF_EXISTS", 0x00000001, WindowsConstants.RenameReplace)]
    [TestCase("FILE_RENAME_FLAG_POSIX_SEMANTICS", 0x00000002, WindowsConstants.RenamePosix)]
    [TestCase("MOVEFILE_WRITE_THROUGH", 0x00000008, WindowsConstants.MoveWriteThrough)]
    // minwinbase.h: LOCKFILE_…, and the members of FILE_INFO_BY_HANDLE_CLASS counted from 0
    [TestCase("LOCKFILE_FAIL_IMMEDIATELY", 0x1, WindowsConstants.FailImmediately)]
    [TestCase("LOCKFILE_EXCLUSIVE_LOCK", 0x2, WindowsConstants.ExclusiveLock)]
    [TestCase("FileBasicInfo", 0, WindowsConstants.BasicInfo)]
    [TestCase("FileStandardInfo", 1, WindowsConstants.StandardInfo)]
    [TestCase("FileDispositionInfo", 4, WindowsConstants.DispositionInfo)]
    [TestCase("FileEndOfFileInfo", 6, WindowsConstants.EndOfFileInfo)]
    [TestCase("FileAttributeTagInfo", 9, WindowsConstants.AttributeTagInfo)]
    [TestCase("FileIdBothDirectoryInfo", 10, WindowsConstants.IdBothDirectoryInfo)]
    [TestCase("FileIdBothDirectoryRestartInfo", 11, WindowsConstants.IdBothDirectoryRestartInfo)]
    [TestCase("FileIdInfo", 18, WindowsConstants.IdInfo)]
    // winternl.h; ddk/wdm.h: FSINFOCLASS, FILE_REMOTE_DEVICE
    [TestCase("OBJ_CASE_INSENSITIVE", 0x00000040, WindowsConstants.CaseInsensitive)]
    [TestCase("OBJ_DONT_REPARSE", 0x00001000, WindowsConstants.DontReparse)]
    [TestCase("FileFsDeviceInformation", 4, WindowsConstants.DeviceInformation)]
    [TestCase("FILE_REMOTE_DEVICE", 0x00000010, WindowsConstants.RemoteDevice)]
    // Microsoft, FILE_INFORMATION_CLASS (wdm.h)
    [TestCase("FileRenameInformation", 10, WindowsConstants.RenameInformation)]
    [TestCase("FileDispositionInformation", 13, WindowsConstants.DispositionInformation)]
    [TestCase("FileIdBothDirectoryInformation", 37, WindowsConstants.IdBothDirectoryInformation)]
    [TestCase("FileDispositionInformationEx", 64, WindowsConstants.DispositionInformationEx)]
    [TestCase("FileRenameInformationEx", 65, WindowsConstants.RenameInformationEx)]
    public void A_constant_is_the_headers(string name, long header, object constant) =>
        Convert.ToInt64(constant, System.Globalization.CultureInfo.InvariantCulture).Should().Be(header, name);

    // winioctl.h: the function's number, and METHOD_BUFFERED 0, METHOD_NEITHER 3; FILE_ANY_ACCESS 0, FILE_READ_DATA 1, FILE_WRITE_DATA 2.
    [TestCase("FSCTL_GET_REPARSE_POINT", 42u, 0u, 0u, WindowsConstants.GetReparsePoint)]
    [TestCase("FSCTL_SET_SPARSE", 49u, 0u, 0u, WindowsConstants.SetSparse)]
    [TestCase("FSCTL_SET_ZERO_DATA", 50u, 0u, 2u, WindowsConstants.SetZeroData)]
    [TestCase("FSCTL_QUERY_ALLOCATED_RANGES", 51u, 3u, 1u, WindowsConstants.QueryAllocatedRanges)]
    public void A_control_code_is_made_as_CTL_CODE_makes_it(string name, uint function, uint method, uint access, uint constant)
    {
        const uint fileSystem = 9; // FILE_DEVICE_FILE_SYSTEM
        constant.Should().Be((fileSystem << 16) | (access << 14) | (function << 2) | method, name);
    }

    /// <remarks>Microsoft, SetFileAttributesW: ARCHIVE, HIDDEN, NORMAL, NOT_CONTENT_INDEXED, OFFLINE, READONLY, SYSTEM, TEMPORARY.</remarks>
    [Test]
    public void What_can_be_set_is_what_SetFileAttributesW_takes() =>
        WindowsConstants.Settable.Should().Be(0x20 | 0x2 | 0x80 | 0x2000 | 0x1000 | 0x1 | 0x4 | 0x100);

    [Test]
    public void The_marks_of_a_file_whose_data_is_elsewhere_are_three_in_its_folder_and_two_when_it_is_open()
    {
        WindowsConstants.Elsewhere.Should().Be(0x1000 | 0x400000);
        WindowsConstants.ListedElsewhere.Should().Be(0x1000 | 0x400000 | 0x40000);
    }

    // winerror.h; ntstatus.h of [MS-ERREF] for the statuses.
    [TestCase("STATUS_SUCCESS", 0x00000000u, 0)]
    [TestCase("STATUS_PENDING", 0x00000103u, 0)]
    [TestCase("STATUS_FILE_IS_A_DIRECTORY", 0xC00000BAu, 336)]
    [TestCase("STATUS_NOT_A_DIRECTORY", 0xC0000103u, 267)]
    [TestCase("STATUS_DELETE_PENDING", 0xC0000056u, 303)]
    [TestCase("STATUS_FILE_DELETED", 0xC0000123u, 303)]
    [TestCase("STATUS_REPARSE_POINT_ENCOUNTERED", 0xC000050Bu, 4395)]
    [TestCase("STATUS_STOPPED_ON_SYMLINK", 0x8000002Du, 4395)]
    [TestCase("STATUS_NOT_IMPLEMENTED", 0xC0000002u, 120)]
    [TestCase("STATUS_INVALID_INFO_CLASS", 0xC0000003u, 124)]
    public void A_status_that_is_told_apart_here_is_the_number_of_its_error(string name, uint status, int error) =>
        Win32Error.Of(unchecked((int)status)).Should().Be(error, name);
}
