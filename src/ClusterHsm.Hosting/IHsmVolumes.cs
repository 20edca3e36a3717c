using System.Diagnostics.CodeAnalysis;

namespace ClusterHsm.Hosting;

/// <summary>The volumes of a program by name, as its configuration names them. Open from the start of the host to its stop.</summary>
/// <remarks>Thread-safe. The volumes are the host's to close.</remarks>
public interface IHsmVolumes
{
    /// <summary>The names, whether open or not.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>An open volume.</summary>
    /// <param name="name">Its name, without regard to case.</param>
    /// <exception cref="KeyNotFoundException">The configuration names no such volume.</exception>
    /// <exception cref="VolumeNotOpenException">It could not be opened yet, or the host has not started or has stopped.</exception>
    HsmVolume this[string name] { get; }

    /// <summary>The same without an exception for a volume that is not open.</summary>
    /// <exception cref="KeyNotFoundException">The configuration names no such volume.</exception>
    bool TryGet(string name, [NotNullWhen(true)] out HsmVolume? volume);
}

/// <summary>A volume is wanted that is not open; the message says why.</summary>
public sealed class VolumeNotOpenException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
