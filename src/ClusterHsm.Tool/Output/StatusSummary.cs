using System.Globalization;
using ClusterHsm.Stubs;

namespace ClusterHsm.Tool.Output;

/// <summary>How many files are in each state, and how many bytes they have.</summary>
internal sealed class StatusSummary
{
    private const string Total = "total";

    // The states by their values, from 0 on.
    private static readonly string[] Names = [.. Enum.GetValues<FileState>().Select(StatusText.State), StatusText.Damaged, Total];

    private readonly Sum[] _sums = new Sum[Names.Length];

    public void Add(FileStatus file)
    {
        Count(file.Problem is null ? (int)file.State : Names.Length - 2, file);
        Count(Names.Length - 1, file);
    }

    public void Write(TextWriter output)
    {
        output.WriteLine("STATE           FILES       SIZE   ON SHARD");
        for (int i = 0; i < Names.Length; i++)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Names[i],-10} {_sums[i].Files,10} {Text.Bytes(_sums[i].Size),10} {Text.Bytes(_sums[i].AllocatedBytes),10}"));
    }

    public void Write(JsonLines json)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            (string name, Sum sum) = (Names[i], _sums[i]);
            json.Write(line =>
            {
                line.WriteString("state", name);
                line.WriteNumber("files", sum.Files);
                line.WriteNumber("size", sum.Size);
                line.WriteNumber("allocatedBytes", sum.AllocatedBytes);
            });
        }
    }

    private void Count(int index, FileStatus file)
    {
        ref Sum sum = ref _sums[index];
        sum.Files++;
        sum.Size += file.Size;
        sum.AllocatedBytes += file.AllocatedBytes;
    }

    private struct Sum
    {
        public long Files;
        public long Size;
        public long AllocatedBytes;
    }
}
