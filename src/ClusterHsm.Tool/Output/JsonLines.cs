using System.Buffers;
using System.Text.Json;

namespace ClusterHsm.Tool.Output;

/// <summary>JSON objects, one a line. Safe for several threads.</summary>
internal sealed class JsonLines(Stream output) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BufferedStream _output = new(output, 1 << 16);
    private readonly ArrayBufferWriter<byte> _line = new();

    public void Write(Action<Utf8JsonWriter> members)
    {
        lock (_gate)
        {
            _line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_line))
            {
                json.WriteStartObject();
                members(json);
                json.WriteEndObject();
            }
            _output.Write(_line.WrittenSpan);
            _output.WriteByte((byte)'\n');
        }
    }

    public void Flush()
    {
        lock (_gate)
            _output.Flush();
    }

    public void Dispose() => Flush();
}
