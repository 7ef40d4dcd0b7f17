namespace SafeKit.SystemTests.Farm;

/// <summary>The tests that share one cluster, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class FarmCollection : ICollectionFixture<FarmFixture>
{
    public const string Name = "farm";
}
