using System.Reflection;
using System.Runtime.InteropServices;
using ClusterHsm.FileSystem.MacOS;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.MacOS;

/// <summary>How the calls are declared. That they are right can only be seen on a Mac; that they say what the ABI asks for is seen here.</summary>
[TestFixture]
public sealed class DarwinEntryPointTests
{
    private const BindingFlags Declared = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <remarks>
    /// Apple, "Writing ARM64 code for Apple platforms": variadic arguments are on the stack. AAPCS64: eight arguments are in x0 to x7, the
    /// ninth is the first on the stack.
    /// </remarks>
    [TestCase(nameof(DarwinNative.FCntlPadded))]
    [TestCase(nameof(DarwinNative.OpenAtPadded))]
    public void On_Apple_silicon_the_variadic_argument_is_the_ninth_and_fills_a_slot_of_eight_bytes(string method)
    {
        ParameterInfo[] parameters = typeof(DarwinNative).GetMethod(method, Declared)!.GetParameters();
        parameters.Should().HaveCount(9);
        Marshal.SizeOf(parameters[8].ParameterType).Should().Be(8);
        foreach (ParameterInfo padding in parameters.Where(p => p.Name!.StartsWith('x')))
            padding.Name.Should().Be($"x{padding.Position}", "it stands in that register");
    }

    [TestCase(nameof(DarwinNative.FCntl), nameof(DarwinNative.FCntlPadded))]
    [TestCase(nameof(DarwinNative.OpenAt), nameof(DarwinNative.OpenAtPadded))]
    public void The_padded_form_is_the_plain_one_with_padding(string plain, string padded)
    {
        MethodInfo one = typeof(DarwinNative).GetMethod(plain, Declared)!, other = typeof(DarwinNative).GetMethod(padded, Declared)!;
        other.GetParameters().Where(p => !p.Name!.StartsWith('x')).Select(p => p.Name).Should().Equal(one.GetParameters().Select(p => p.Name));
    }

    [Test]
    public void Every_entry_point_is_one_that_libSystem_has()
    {
        // The manual pages and headers of macOS 14; with $INODE64 those of bsd/sys/stat.h, mount.h, dirent.h that have __DARWIN_INODE64,
        // and fdopendir of <dirent.h> (__DARWIN_ALIAS_I).
        string[] known =
        [
            "openat", "fcntl", "fstat", "fstat$INODE64", "fstatat", "fstatat$INODE64", "fstatfs", "fstatfs$INODE64", "fdopendir",
            "fdopendir$INODE64", "readdir", "readdir$INODE64", "closedir", "readlinkat", "mkdirat", "unlinkat", "renameat", "renameatx_np",
            "linkat", "pread", "pwrite", "ftruncate", "lseek", "futimens", "fchown", "fchmod", "fsync", "fgetxattr", "fsetxattr",
            "fremovexattr", "mach_continuous_time", "mach_timebase_info",
        ];
        NativeEntryPoints.Of(typeof(DarwinNative)).Should().BeEquivalentTo(known);
    }

    [Test]
    public void Attributes_have_a_position_and_options_on_macOS()
    {
        foreach (string method in new[] { nameof(DarwinNative.FGetXAttr), nameof(DarwinNative.FSetXAttr) })
        {
            typeof(DarwinNative).GetMethod(method, Declared)!.GetParameters().Select(p => (p.Name, p.ParameterType)).TakeLast(2)
                .Should().Equal(("position", typeof(uint)), ("options", typeof(int)));
        }
    }
}
