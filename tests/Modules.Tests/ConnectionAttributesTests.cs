namespace SafeKit.Modules.Tests;

/// <summary>What the configuration says of connections: how long a stop waits, and whether busy clients stay.</summary>
public sealed class ConnectionAttributesTests
{
    [Theory]
    [InlineData("0", true)]
    [InlineData("5m", true)]
    [InlineData("3600", true)]
    [InlineData("3601", false)]
    [InlineData("soon", false)]
    public void DrainTimeout(string value, bool ok) =>
        Assert.Equal(ok, Samples.FarmWith("<farm>", $"<farm drain_timeout=\"{value}\">").Ok);

    [Theory]
    [InlineData("on_addr", "300", true)]
    [InlineData("on_addr", "0", false)]
    [InlineData("on_addr", "2d", false)]
    [InlineData("on_port", "300", false)]
    public void AffinityTimeout(string filter, string value, bool ok) => Assert.Equal(
        ok,
        Samples.FarmWith("<rule port=\"%PORT%\" proto=\"tcp\" filter=\"on_addr\"/>", Rule(filter, value)).Ok);

    private static string Rule(string filter, string value) =>
        $"<rule port=\"80\" proto=\"tcp\" filter=\"{filter}\" affinity_timeout=\"{value}\"/>";
}
