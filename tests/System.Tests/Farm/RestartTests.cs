using SafeKit.Lab;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>F5: daemons are killed or told to hand over, and replaced; nobody notices.</summary>
[Collection(FarmCollection.Name)]
public sealed class RestartTests
{
    private const int Restarts = 10;

    [RootFact]
    public async Task Restarts_within_the_lease_fail_no_request_and_move_no_share()
    {
        // Long, because a daemon starts slowly where tests run side by side.
        await using var lab = await ClusterLab.CreateAsync(new LabOptions { FarmAttributes = "lease=\"30s\"" });
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(TimeSpan.FromSeconds(120));
        var seen = await new RestartScene(lab, connectionsOfClient: 24, requestsPerSecond: 2_000).RunAsync(Restarts);

        Assert.True(seen.Changed.Count == 0, seen.Text);
        Assert.True(seen.Seen.Failures == 0, seen.Text);
    }
}
