namespace ClusterHsm.Testing;

internal static class Placeholder { }
