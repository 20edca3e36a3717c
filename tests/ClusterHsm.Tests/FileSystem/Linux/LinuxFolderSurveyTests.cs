using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>A survey tells what looks at each file would tell, whichever calls the kernel has.</summary>
[TestFixture(true, true)]
[TestFixture(true, false)]
[TestFixture(false, true)]
[TestFixture(false, false)]
public class LinuxFolderSurveyTests(bool useXAttrAt, bool listsAttributes)
{
    private const string First = "user.survey.first", Second = "user.survey.second";

    private LinuxTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new LinuxTestFolder(new LinuxShardOptions(UseXAttrAt: useXAttrAt, ListsAttributes: listsAttributes));

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public void It_tells_facts_and_attributes_of_files_and_folders()
    {
        byte[] large = [.. Enumerable.Range(0, 2000).Select(i => (byte)i)];
        Make("both", (First, [1, 2]), (Second, [3]));
        Make("one", (Second, []));
        Make("large", (First, large), ("user.another", [0]));
        Make("another", (First + ".x", [1]));
        Make("none");
        Make("no \uDCFF UTF-8", (First, [9]));
        Make(new string('n', 255), (First, [8]));
        Directory.CreateDirectory(_folder.PathOf("folder"));

        SurveyedEntry[] entries = Survey("");

        entries.Should().OnlyContain(entry => entry.Failure == null);
        entries.Select(entry => (entry.Name, Text(entry.First), Text(entry.Second))).Should().BeEquivalentTo(
        [
            ("both", "0102", "03"), ("one", null, ""), ("large", Text(large), null), ("another", null, null), ("none", null, null),
            ("no \uDCFF UTF-8", "09", null), (new string('n', 255), "08", null), ("folder", null, (string?)null),
        ]);
        foreach (SurveyedEntry entry in entries)
            entry.Info.Should().Be(_folder.Shard.GetInfo(entry.Name)!.Value);
        _folder.Shard.UsesXAttrAt.Should().Be(useXAttrAt && Environment.OSVersion.Version >= new Version(6, 13));
        _folder.Shard.Delete("no \uDCFF UTF-8"); // System.IO cannot
    }

    [Test]
    public void What_is_neither_file_nor_folder_is_passed_over_and_nothing_outside_is_seen()
    {
        File.WriteAllText(Path.Combine(_folder.Outside, "secret"), "x");
        File.CreateSymbolicLink(_folder.PathOf("link"), Path.Combine(_folder.Outside, "secret"));
        File.CreateSymbolicLink(_folder.PathOf("folder link"), _folder.Outside);
        Make("file");

        Survey("").Select(entry => entry.Name).Should().Equal("file");
        FluentActions.Invoking(() => Survey("folder link")).Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.OutsideRoot);
    }

    [Test]
    public void A_file_or_nothing_is_no_folder()
    {
        Make("file");

        FluentActions.Invoking(() => Survey("file")).Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotARegularFile);
        FluentActions.Invoking(() => Survey("gone")).Should().Throw<ShardIOException>().Which.Error.Should().Be(ShardError.NotFound);
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : Convert.ToHexString(bytes);

    private void Make(string name, params (string Attribute, byte[] Value)[] attributes)
    {
        using IShardFile file = _folder.Shard.Open(name, ShardOpenOptions.ReadWrite | ShardOpenOptions.Create);
        foreach ((string attribute, byte[] value) in attributes)
            file.WriteAttribute(attribute, value);
    }

    private SurveyedEntry[] Survey(string path)
    {
        using IFolderSurvey survey = _folder.Shard.Survey(path, First, Second);
        List<SurveyedEntry> entries = [];
        while (survey.TryRead(out SurveyedEntry entry))
            entries.Add(entry);
        return [.. entries];
    }
}
