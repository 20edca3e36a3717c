using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text.Json;

namespace ClusterHsm.Tests.Packaging;

/// <summary>Where a debugger gets the sources of a program: what its pdb says.</summary>
/// <param name="Documents">The name that each source had for the compiler, and whether the pdb has its text.</param>
/// <param name="Links">What SourceLink's JSON maps: names, where <c>*</c> stands for any end, to addresses. Empty without a JSON.</param>
internal sealed record PdbSources(IReadOnlyDictionary<string, bool> Documents, IReadOnlyDictionary<string, string> Links)
{
    /// <summary>The kinds of information in a portable pdb (https://github.com/dotnet/runtime/blob/main/docs/design/specs/PortablePdb-Metadata.md).</summary>
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE"), SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    /// <summary>Reads the pdb of a package of symbols.</summary>
    public static PdbSources Of(string symbolPackage, string name)
    {
        using ZipArchive symbols = ZipFile.OpenRead(symbolPackage);
        using Stream packed = symbols.Entries.Single(entry => entry.Name == name).Open();
        using MemoryStream pdb = new();
        packed.CopyTo(pdb);
        pdb.Position = 0;
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(pdb);
        return Of(provider.GetMetadataReader());
    }

    /// <summary>Where SourceLink says that a source is; null if nowhere.</summary>
    public string? AddressOf(string document)
    {
        foreach ((string name, string address) in Links)
        {
            if (name.EndsWith('*') && document.StartsWith(name[..^1], StringComparison.Ordinal))
                return address.Replace("*", document[(name.Length - 1)..].Replace('\\', '/'), StringComparison.Ordinal);
            if (name == document)
                return address;
        }
        return null;
    }

    private static PdbSources Of(MetadataReader pdb)
    {
        Dictionary<string, bool> documents = [];
        foreach (DocumentHandle handle in pdb.Documents)
            documents[pdb.GetString(pdb.GetDocument(handle).Name)] = Information(pdb, handle, EmbeddedSource) is not null;
        byte[]? json = Information(pdb, EntityHandle.ModuleDefinition, SourceLink);
        return new PdbSources(documents, json is null ? new Dictionary<string, string>() : Parse(json));
    }

    private static byte[]? Information(MetadataReader pdb, EntityHandle of, Guid kind) =>
        pdb.GetCustomDebugInformation(of).Select(pdb.GetCustomDebugInformation).Where(found => pdb.GetGuid(found.Kind) == kind)
            .Select(found => pdb.GetBlobBytes(found.Value)).FirstOrDefault();

    private static Dictionary<string, string> Parse(byte[] json)
    {
        using JsonDocument parsed = JsonDocument.Parse(json);
        return parsed.RootElement.GetProperty("documents").EnumerateObject().ToDictionary(static link => link.Name, static link => link.Value.GetString()!);
    }
}
