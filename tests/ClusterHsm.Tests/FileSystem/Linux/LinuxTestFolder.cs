using System.Diagnostics;
using System.Text;
using ClusterHsm.FileSystem;
using ClusterHsm.FileSystem.Linux;

namespace ClusterHsm.Tests.FileSystem.Linux;

/// <summary>A new folder with a shard in it and a place outside the shard, both gone at the end.</summary>
internal sealed class LinuxTestFolder : IDisposable
{
    private readonly List<IDisposable> _opened = [];

    public LinuxTestFolder(LinuxShardOptions options = default)
    {
        Parent = Directory.CreateTempSubdirectory("clusterhsm-").FullName;
        Root = Directory.CreateDirectory(Path.Combine(Parent, "root")).FullName;
        Outside = Directory.CreateDirectory(Path.Combine(Parent, "outside")).FullName;
        Shard = OpenShard(options);
    }

    public string Parent { get; }

    public string Root { get; }

    public string Outside { get; }

    public LinuxShardFileSystem Shard { get; }

    public LinuxShardFileSystem OpenShard(LinuxShardOptions options = default)
    {
        LinuxShardFileSystem shard = LinuxShardFileSystem.Open(Root, options);
        _opened.Add(shard);
        return shard;
    }

    public string PathOf(string name) => Path.Combine(Root, name);

    public IShardFile Open(string name, ShardOpenOptions options = ShardOpenOptions.ReadWrite | ShardOpenOptions.Create,
        LinuxShardFileSystem? shard = null)
    {
        IShardFile file = (shard ?? Shard).Open(name, options);
        _opened.Add(file);
        return file;
    }

    public void Write(string name, string content) => File.WriteAllText(PathOf(name), content);

    public static string Read(IShardFile file)
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, file.Read(buffer, 0));
    }

    public static Process StartShell(string script, params string[] arguments)
    {
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-c", script, "sh", .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    public static async Task<string> RunShell(string script, params string[] arguments)
    {
        using Process shell = StartShell(script, arguments);
        string output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return output;
    }

    public void Dispose()
    {
        for (int i = _opened.Count - 1; i >= 0; i--)
            _opened[i].Dispose();
        Directory.Delete(Parent, recursive: true);
    }
}
