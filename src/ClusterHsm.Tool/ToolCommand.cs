using System.CommandLine;

namespace ClusterHsm.Tool;

/// <summary>A command with examples, which its help ends with.</summary>
internal sealed class ToolCommand(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
