using System.Reflection;
using System.Runtime.InteropServices;

namespace ClusterHsm.Tests.FileSystem;

/// <summary>Which functions of the C library a class calls.</summary>
internal static class NativeEntryPoints
{
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The entry points of a class, each once.</summary>
    public static IEnumerable<string> Of(Type type) => Imports(type).Select(static import => import.EntryPoint).Distinct();

    /// <summary>Those of a whole assembly that are a C library's.</summary>
    public static IEnumerable<(string Class, string EntryPoint)> OfLibC(Assembly assembly) => assembly.GetTypes()
        .SelectMany(static type => Imports(type).Where(static import => import.Library == "libc").Select(import => (type.Name, import.EntryPoint)))
        .Distinct();

    private static IEnumerable<(string Library, string EntryPoint)> Imports(Type type)
    {
        foreach (MethodInfo method in type.GetMethods(All))
        {
            // What needs marshalling has become a stub with a local function in it, which is the one that is imported.
            if (method.GetCustomAttribute<DllImportAttribute>() is { } import)
                yield return (import.Value, import.EntryPoint ?? method.Name);
        }
    }
}
