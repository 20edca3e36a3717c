namespace ClusterHsm.FileSystem.Windows;

/// <summary>Finds where a path leads that goes through links, without letting the system follow any.</summary>
/// <remarks>
/// As openat2(2) does below a root on Linux: an absolute link, or a junction, counts as one that leaves it. What comes out is opened
/// with links refused, so that a link which is put there meanwhile leads nowhere.
/// </remarks>
internal static class LinkWalk
{
    /// <summary>As in Linux (MAXSYMLINKS); Windows itself follows 63.</summary>
    internal const int MaxLinks = 40;

    /// <summary>Puts the target of the first link of a path in its place.</summary>
    /// <param name="names">The path.</param>
    /// <param name="leavesLast">Whether a link at the end of the path is what is asked for.</param>
    /// <param name="look">Looks at the name at the end of a path.</param>
    /// <returns>What came of it; with <see cref="LinkStep.Followed"/> the names are another path now.</returns>
    internal static LinkStep Follow(List<string> names, bool leavesLast, Func<List<string>, Link> look)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (leavesLast && i == names.Count - 1)
                return LinkStep.NoLink;
            Link link = look(names[..(i + 1)]);
            if (!link.IsLink)
                continue;
            if (link.Target is null)
                return LinkStep.Leaves;
            List<string> rest = names[(i + 1)..];
            names.RemoveRange(i, names.Count - i);
            if (!WindowsName.TryAppend(names, link.Target))
                return LinkStep.Leaves;
            names.AddRange(rest);
            return LinkStep.Followed;
        }
        return LinkStep.NoLink;
    }

    /// <param name="IsLink">Whether it is one.</param>
    /// <param name="Target">Where it leads from the folder that it is in; null if its target is absolute.</param>
    internal readonly record struct Link(bool IsLink, string? Target);
}

/// <summary>What <see cref="LinkWalk.Follow"/> came to.</summary>
internal enum LinkStep
{
    /// <summary>There is none.</summary>
    NoLink,

    /// <summary>One was followed; there may be more.</summary>
    Followed,

    /// <summary>It leads out of the root, or might.</summary>
    Leaves,
}
