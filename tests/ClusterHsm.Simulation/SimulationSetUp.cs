using NUnit.Framework;

namespace ClusterHsm.Simulation;

/// <summary>Actors that rest hold a thread each.</summary>
[SetUpFixture]
public sealed class SimulationSetUp
{
    [OneTimeSetUp]
    public void HaveThreadsReady() => ThreadPool.SetMinThreads(64, 8);
}
