using SafeKit.Core;
using SafeKit.Membership;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>The reader accepts exactly what the membership accepts at the start.</summary>
public sealed class MembershipAgreementTests
{
    [Theory]
    [InlineData("pulse=\"4\"")]
    [InlineData("pulse=\"5\"")]
    [InlineData("pulse=\"60s\"")]
    [InlineData("pulse=\"60001\"")]
    [InlineData("slost_count=\"1\"")]
    [InlineData("slost_count=\"2\"")]
    [InlineData("mlost_count=\"1000\"")]
    [InlineData("mlost_count=\"1001\"")]
    [InlineData("pulse=\"60s\" mlost_count=\"57\"")]
    [InlineData("pulse=\"60s\" mlost_count=\"58\"")]
    [InlineData("pulse=\"3592\" slost_count=\"999\"")]
    [InlineData("pulse=\"3593\" slost_count=\"999\"")]
    public void HeartbeatsAreBoundedAlike(string attributes)
    {
        var values = attributes.Split(' ').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1].Trim('"'));
        var settings = Settings(2) with
        {
            PulseMs = values.TryGetValue("pulse", out var pulse) ? Milliseconds(pulse) : MembershipSettings.PulseMsDefault,
            SlostCount = values.TryGetValue("slost_count", out var slost) ? int.Parse(slost) : MembershipSettings.SlostCountDefault,
            MlostCount = values.TryGetValue("mlost_count", out var mlost) ? int.Parse(mlost) : MembershipSettings.MlostCountDefault,
        };
        Assert.Equal(Accepts(settings), Samples.FarmWith("<farm>", $"<farm {attributes}>").Ok);
    }

    [Theory]
    [InlineData(Limits.PowerMax)]
    [InlineData(Limits.PowerMax + 1)]
    public void PowersAreBoundedAlike(int power) =>
        Assert.Equal(Accepts(Settings(power)), Samples.FarmWith("power=\"2\"", $"power=\"{power}\"").Ok);

    /// <summary>The limits of the reader (<see cref="ConfigurationCheckTests"/>) are those of the membership.</summary>
    [Theory]
    [InlineData(Limits.NodesMax, Limits.GroupsMax, true)]
    [InlineData(Limits.NodesMax + 1, Limits.GroupsMax, false)]
    [InlineData(Limits.NodesMax, Limits.GroupsMax + 1, false)]
    public void NodesAndGroupsAreBoundedAlike(int nodes, int groups, bool isGood)
    {
        int[] powers = [.. Enumerable.Repeat(1, nodes)];
        var settings = Settings(1) with
        {
            NodeCount = nodes,
            Groups = [.. Enumerable.Range(1, groups).Select(group => new GroupSettings($"g{group}", powers))],
        };
        Assert.Equal(isGood, Accepts(settings));
    }

    private static MembershipSettings Settings(int power) => new()
    {
        NodeCount = 2,
        Self = new NodeId(0),
        ConfigurationSignature = 1,
        Groups = [new GroupSettings("web", [power, 1])],
    };

    private static int Milliseconds(string text) => text == "60s" ? 60_000 : int.Parse(text);

    private static bool Accepts(MembershipSettings settings)
    {
        try
        {
            _ = new MembershipCore(settings, 1, 0);
            return true;
        }
        catch (SafeKitException)
        {
            return false;
        }
    }
}
