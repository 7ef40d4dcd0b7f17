using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>A farm in vmac_directed.</summary>
public sealed class DirectedFixture : FarmFixture
{
    protected override LabOptions Options => new() { Directed = true };
}
