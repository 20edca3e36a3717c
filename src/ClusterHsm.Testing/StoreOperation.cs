using ClusterHsm.SecondaryStorage;

namespace ClusterHsm.Testing;

/// <summary>The calls of <see cref="ISecondaryStore"/> and of its readers and writers.</summary>
public enum StoreOperation
{
    /// <summary><see cref="ISecondaryStore.CreateAsync"/>.</summary>
    Create,

    /// <summary><see cref="IObjectWriter.WriteAsync"/>.</summary>
    Write,

    /// <summary><see cref="IObjectWriter.CommitAsync"/>.</summary>
    Commit,

    /// <summary><see cref="ISecondaryStore.OpenAsync"/>.</summary>
    Open,

    /// <summary><see cref="IObjectReader.ReadAsync"/>.</summary>
    Read,

    /// <summary><see cref="ISecondaryStore.GetInfoAsync"/>.</summary>
    GetInfo,

    /// <summary><see cref="ISecondaryStore.DeleteAsync"/>.</summary>
    Delete,

    /// <summary><see cref="ISecondaryStore.CopyAsync"/>, on the key that is copied from.</summary>
    Copy,

    /// <summary><see cref="ISecondaryStore.ListAsync"/>, before each object and before the end.</summary>
    List,

    /// <summary><see cref="ISecondaryStore.FlushAsync"/>.</summary>
    Flush,

    /// <summary><see cref="ISecondaryStore.GetTimeAsync"/>.</summary>
    GetTime,
}
