using SafeKit.Simulation;

namespace SafeKit.Membership.Tests;

public sealed class ManyGroupsTests
{
    private const long LimitNs = 10_000_000_000;

    /// <summary>Tables that take more than one burst of parts reach nodes that lead a view of their own, as each does after its start.</summary>
    [Theory]
    [InlineData(3, 16)]
    [InlineData(8, 64)]
    public void ANewFarmOfManyGroupsBecomesWhole(int nodes, int groups)
    {
        int[] equal = [.. Enumerable.Repeat(1, nodes)];
        var cluster = new Cluster(new SimulationOptions
        {
            Seed = 1,
            Nodes = nodes,
            Groups = [.. Enumerable.Range(0, groups).Select(group => new GroupSettings($"group{group}", equal))],
        });
        foreach (SimulatedNode node in cluster.Nodes)
            node.Start();
        cluster.RunFor(LimitNs);
        Assert.Null(ConvergenceChecker.Missing(cluster));
    }
}
