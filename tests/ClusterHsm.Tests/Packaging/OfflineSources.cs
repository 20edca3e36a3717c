using System.Text.Json;
using System.Xml.Linq;
using NUnit.Framework;

namespace ClusterHsm.Tests.Packaging;

/// <summary>Package sources that are folders of this machine: a test asks no registry.</summary>
internal static class OfflineSources
{
    /// <summary>
    /// Writes a nuget.config: the packages of others come from the folder that this tree was itself restored into, and ClusterHsm's own from
    /// one source alone, so that no older build is met.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="own">The name of the source of ClusterHsm's own packages.</param>
    /// <param name="folder">Where that is; null if it is somebody else's to add it.</param>
    public static void Write(string path, string own, string? folder)
    {
        using JsonDocument assets = JsonDocument.Parse(File.ReadAllText(SourceTree.PathOf("src/ClusterHsm/obj/project.assets.json")));
        string[] restored = [.. assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(static folder => folder.Name)];
        if (Array.Find(restored, static folder => !Directory.Exists(folder)) is { } missing)
            Assert.Ignore($"The dependencies are taken from the folder that this tree was restored into, and this user does not see it: {missing}");
        new XElement("configuration",
            new XElement("fallbackPackageFolders", new XElement("clear")),
            new XElement("packageSources", new XElement("clear"), folder is null ? null : Add(own, folder), restored.Select(static (folder, i) => Add($"restored{i}", folder))),
            new XElement("packageSourceMapping", new XElement("clear"), Source(own, "ClusterHsm*"), restored.Select(static (_, i) => Source($"restored{i}", "*"))))
            .Save(path);

        static XElement Add(string key, string folder) => new("add", new XAttribute("key", key), new XAttribute("value", folder));

        static XElement Source(string key, string pattern) =>
            new("packageSource", new XAttribute("key", key), new XElement("package", new XAttribute("pattern", pattern)));
    }
}
