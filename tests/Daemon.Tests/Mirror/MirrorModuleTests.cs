using Xunit.Abstractions;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>Two real daemons with a mirror module that replicates nothing: roles, virtual address, failover.</summary>
public sealed class MirrorModuleTests(ITestOutputHelper output)
{
    [NetworkFact]
    public async Task APairStartsAndThePrimaryAnswersForTheAddress()
    {
        using var stage = new MirrorStage();
        await stage.StartPairAsync();
        using var watch = stage.WatchAddress();
        await watch.UntilAnsweredAsync(20);

        Assert.Equal(0, watch.Doubles);
        Assert.True((await stage.First.StateAsync()).Mirror!.AnswersClients);
        Assert.False((await stage.Second.StateAsync()).Mirror!.AnswersClients);
        Assert.Contains("start_prim WAIT ALONE start", stage.First.Calls);
        Assert.DoesNotContain(stage.Second.Calls, call => call.StartsWith("start_prim", StringComparison.Ordinal));
        Assert.Contains(
            (await stage.First.StateAsync()).Resources, resource => resource is { Name: "heartbeat.default", Value: "up" });
    }

    [NetworkFact]
    public async Task KillingThePrimarysDaemonMakesTheOtherAloneWithTheAddress()
    {
        using var stage = new MirrorStage();
        await stage.StartPairAsync();
        using var watch = stage.WatchAddress();
        await watch.UntilAnsweredAsync();

        Assert.Equal("pa", stage.PortOfAddress());
        stage.First.KillDaemon();
        await stage.Second.WaitStateAsync("ALONE");
        await watch.UntilAnsweredAsync();
        output.WriteLine($"longest gap {watch.LongestGap}");
        Assert.Equal(0, watch.Doubles);
        // The switches learn where the address is now, instead of flooding its frames.
        Assert.Equal("pb", stage.PortOfAddress());

        // The old primary comes back, as secondary, and its application is stopped first.
        await stage.First.StartDaemonAsync();
        await stage.First.WaitStateAsync("SECOND");
        await stage.Second.WaitStateAsync("PRIM");
        Assert.Equal(0, watch.Doubles);
        Assert.Contains("stop_prim force WAIT STOP stop", stage.First.Calls);
    }

    [NetworkFact]
    public async Task AStoppedPrimaryNeverAnswersBesideTheOther()
    {
        using var stage = new MirrorStage();
        await stage.StartPairAsync();
        using var watch = stage.WatchAddress();
        await watch.UntilAnsweredAsync();

        stage.First.Suspend();
        await stage.Second.WaitStateAsync("ALONE");
        await watch.UntilAnsweredAsync(20);
        stage.First.Resume();
        await Task.WhenAll(
            stage.First.WaitAsync("one of two roles", node => node.Modules[0] is { State: "PRIM" or "SECOND", Status: "Ready" }),
            stage.Second.WaitAsync("one of two roles", node => node.Modules[0] is { State: "PRIM" or "SECOND", Status: "Ready" }));
        await watch.UntilAnsweredAsync(20);
        Assert.True(watch.Doubles == 0, $"{watch.Doubles} double answers\n{stage.Story()}");
    }

    [NetworkFact]
    public async Task ASwapExchangesTheRoles()
    {
        using var stage = new MirrorStage(interfaceKind: "virtual_interface type=\"vmac_invisible\"");
        await stage.StartPairAsync();
        using var watch = stage.WatchAddress();
        await watch.UntilAnsweredAsync();

        await stage.First.OrderAsync("swap");
        await Task.WhenAll(stage.First.WaitStateAsync("SECOND"), stage.Second.WaitStateAsync("PRIM"));
        await watch.UntilAnsweredAsync(20);
        Assert.Equal(0, watch.Doubles);
        output.WriteLine($"longest gap {watch.LongestGap}");
        Assert.Equal("start_second PRIM SECOND stopstart", stage.First.Calls[^1]);

        await stage.First.OrderAsync("swap");
        await Task.WhenAll(stage.First.WaitStateAsync("PRIM"), stage.Second.WaitStateAsync("SECOND"));
        Assert.Equal(0, watch.Doubles);
    }

    [NetworkFact]
    public async Task AStopInGoodOrderIsKnownAtOnceAndTheOtherTakesOver()
    {
        using var stage = new MirrorStage();
        await stage.StartPairAsync();
        using var watch = stage.WatchAddress();
        await watch.UntilAnsweredAsync();

        await stage.First.OrderAsync("stop");
        await stage.Second.WaitStateAsync("ALONE");
        await watch.UntilAnsweredAsync();
        output.WriteLine($"longest gap {watch.LongestGap}");
        await stage.First.WaitStateAsync("STOP", "NotReady");
        Assert.Equal("STOP", (await stage.Second.StateAsync()).Mirror!.Peer.State);
        Assert.Equal("heard", (await stage.Second.StateAsync()).Mirror!.Peer.Presence);

        // The daemon's own end is a goodbye too.
        await stage.First.TerminateAsync();
        await stage.Second.WaitAsync("node1 is lost", node => node.Modules[0].Mirror!.Peer.Presence == "lost");
        Assert.Equal("ALONE", (await stage.Second.StateAsync()).State);
    }

    [NetworkFact]
    public async Task AStartDuringAStopFollowsIt()
    {
        using var stage = new MirrorStage();
        await stage.StartPairAsync();
        await stage.First.OrderAsync("stop");
        await stage.First.OrderAsync("start");
        await Task.WhenAll(stage.First.WaitStateAsync("SECOND"), stage.Second.WaitStateAsync("PRIM"));
    }

    [NetworkFact]
    public async Task WhatIsRefusedIsRefusedInTheMachinesWords()
    {
        using var stage = new MirrorStage();
        await stage.StartDaemonsAsync();
        var second = await stage.Second.Client.ModuleActionAsync(MirrorNode.Module, "second");
        Assert.False(second.Ok);
        Assert.Contains("second is refused", second.Message, StringComparison.Ordinal);
        await stage.First.OrderAsync("prim");
        await stage.First.WaitStateAsync("ALONE");
        var prim = await stage.Second.Client.ModuleActionAsync(MirrorNode.Module, "prim");
        Assert.False(prim.Ok);
        Assert.Contains("node1 is the primary", prim.Message, StringComparison.Ordinal);
        var swap = await stage.First.Client.ModuleActionAsync(MirrorNode.Module, "swap");
        Assert.False(swap.Ok);
        var verify = await Assert.ThrowsAsync<Core.SafeKitException>(() => stage.First.Client.ModuleActionAsync(MirrorNode.Module, "verify"));
        Assert.Contains("<rfs>", verify.Message, StringComparison.Ordinal);
    }
}
