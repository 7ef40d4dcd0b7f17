namespace SafeKit.SystemTests.Farm;

/// <summary>The tests that share one cluster in vmac_directed, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class DirectedCollection : ICollectionFixture<DirectedFixture>
{
    public const string Name = "directed farm";
}
