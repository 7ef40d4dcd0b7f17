namespace SafeKit.SystemTests.Farm;

/// <summary>The checker moves the share away from a node whose application is gone, and back.</summary>
[Collection(FarmCollection.Name)]
public sealed class ApplicationTests(FarmFixture farm)
{
    [RootFact]
    public async Task The_share_follows_the_application()
    {
        var stage = await farm.WholeAsync();
        var victim = stage.Node(3);
        await using var load = stage.StartLoad();
        await victim.StopNginxAsync(broken: true);
        await stage.Lab.WaitForAsync(
            "the share leaving",
            picture => picture.Buckets(victim.Name) == 0 && stage.Lab.NodeNames.Sum(picture.Buckets) == picture.BucketsOfAll,
            FarmFixture.SettleLimit);

        var without = await load.DuringAsync(() => Task.Delay(TimeSpan.FromSeconds(1)));
        Assert.True(without.Failures == 0, without.ErrorText);
        Assert.Equal(0, without.ShareOf(victim.Name));

        var back = await load.DuringAsync(() => stage.BringBackAsync(victim));
        Assert.True(back.Failures == 0, back.ErrorText);
    }

    [RootFact]
    public async Task An_application_that_died_is_restarted()
    {
        var stage = await farm.WholeAsync();
        await stage.Node(2).StopNginxAsync(broken: false);

        await Task.Delay(TimeSpan.FromSeconds(3));
        await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit);
    }
}
