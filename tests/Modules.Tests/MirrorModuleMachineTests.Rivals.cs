using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>A primary and its secondary lose sight of each other; two nodes start; an administrator decides.</summary>
public sealed partial class MirrorModuleMachineTests
{
    private const string NeverSynchronised = """
        own Unknown -> STOP NOTREADY
        b wait wait remedy -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> WAIT NOTREADY

        """;

    [Fact]
    public void TakesOverWhenNothingIsHeard()
    {
        var scenario = Play(ToSecond + """
            primarylost -> SECOND READY
            after 3s -> SECOND READY
            lost -> uncheck Second, PROMOTE, ALONE TRANSIENT
            promoted -> stop_second(SECOND ALONE start), ALONE TRANSIENT
            ok -> transition(SECOND ALONE start), ALONE TRANSIENT
            ok -> +VIP, ALONE TRANSIENT
            addressset -> start_prim(SECOND ALONE start), ALONE TRANSIENT
            ok -> check Prim, ALONE READY
            """);
        Assert.Contains("heart: alone called by heart: no heartbeat", scenario.Logs);
    }

    [Fact]
    public void TakesOverOnlyATimeoutAfterItBecameARival() => Play(ToSecond + """
        primarylost -> SECOND READY
        lost -> SECOND READY
        after 2.9s -> SECOND READY
        after 0.1s -> uncheck Second, PROMOTE, ALONE TRANSIENT
        """);

    [Fact]
    public void DoesNotTakeOverWhileTheDataStillFlows() => Play(ToSecond + """
        after 10s -> SECOND READY
        lost -> SECOND READY
        b wait transient -> SECOND READY
        lost -> SECOND READY
        primarylost -> uncheck Second, PROMOTE, ALONE TRANSIENT
        """);

    [Theory]
    [InlineData("b stop")]
    [InlineData("b wait transient")]
    [InlineData("b wait notready")]
    [InlineData("goodbye")]
    public void TakesOverWhenThePrimaryHasStopped(string said) => Play(ToSecond + $"""
        primarylost orderly -> SECOND READY
        {said} -> uncheck Second, PROMOTE, ALONE TRANSIENT
        """);

    [Theory]
    [InlineData("b alone goesalone")]
    [InlineData("b prim newer")]
    [InlineData("b prim goesalone")]
    public void NeverTakesOverFromAPrimaryThatWentOnWithoutIt(string said)
    {
        var scenario = Play(ToSecond + $"""
            primarylost -> SECOND READY
            {said} -> OUTDATED, SECOND TRANSIENT
            """);
        Assert.False(scenario.State.Announced.KnowsItIsOutdated);
        scenario.Happen("after 10s");
        scenario.Happen("declared");
        Assert.True(scenario.State.Announced.KnowsItIsOutdated);
        scenario.Happen("lost");
        Assert.Equal("stop_sec", scenario.State.RunningScript);
    }

    [Fact]
    public void NeverTakesOverFromAPrimaryThatStoppedWithNewerData() => Play(ToSecond + """
        primarylost -> SECOND READY
        b stop newer -> OUTDATED, uncheck Both, uncheck Second, stop_sec(SECOND WAIT stopwait), SECOND TRANSIENT
        """);

    [Fact]
    public void AGoingAloneFromBeforeItFollowedIsKnown() => Play(
        ToSecond.Replace("b alone follow", "b alone follow goesalone") + "b alone goesalone -> SECOND READY");

    [Fact]
    public void WhatIsOnItsWayFromAPrimaryThatGoesAloneDoesNotMakeUpToDate() => Play(
        ToSecond[..ToSecond.IndexOf("uptodate", StringComparison.Ordinal)] + """
        b alone goesalone -> OUTDATED, SECOND TRANSIENT
        uptodate -> SECOND TRANSIENT
        declared -> SECOND TRANSIENT
        uptodate -> SECOND READY
        """);

    [Fact]
    public void DataThatIsBehindDoesNotTakeOver() => Play(ToSecond + """
        primarylost behind -> SECOND TRANSIENT
        after 10s -> SECOND TRANSIENT
        lost -> uncheck Both, uncheck Second, stop_sec(SECOND WAIT stopwait), SECOND TRANSIENT
        ok -> stop_second(SECOND WAIT stopwait), SECOND TRANSIENT
        ok -> UNMOUNT, SECOND TRANSIENT
        stopped -> *, WAIT TRANSIENT
        lost wait remedy -> WAIT NOTREADY
        b alone follow -> transition(WAIT SECOND start), SECOND TRANSIENT
        """);

    [Fact]
    public void ANodeThatWasLateAccusesNobody() => Play(ToSecond + """
        primarylost -> SECOND READY
        after 10s -> SECOND READY
        late -> SECOND READY
        lost -> SECOND READY
        b prim deaf -> SECOND READY
        lost -> SECOND READY
        b prim -> SECOND READY
        lost -> uncheck Second, PROMOTE, ALONE TRANSIENT
        """);

    [Fact]
    public void WithoutFailoverTheSecondaryWaitsForAnOrder()
    {
        var scenario = Play(
            ToSecond + """
            primarylost orderly -> SECOND READY
            b stop lead -> uncheck Both, uncheck Second, stop_sec(SECOND WAIT stopwait), SECOND TRANSIENT
            ok -> stop_second(SECOND WAIT stopwait), SECOND TRANSIENT
            ok -> UNMOUNT, SECOND TRANSIENT
            stopped -> *, WAIT NOTREADY
            """,
            Settings() with { Failover = false });
        Assert.Equal(("failover-off", "safekit prim"), (scenario.State.Rule, scenario.State.Remedy));
        scenario.Play("""
            prim -> WAIT TRANSIENT
            b stop lead -> transition(WAIT ALONE start), ALONE TRANSIENT
            ok -> LEAD Current, ALONE TRANSIENT
            """);
    }

    [Theory]
    [InlineData("b second outdated")]
    [InlineData("b stop")]
    [InlineData("b wait transient")]
    [InlineData("goodbye")]
    public void GoesAloneOnceTheOtherCannotTakeOver(string said)
    {
        var scenario = Play(ToPrim + "peerlost paired -> PRIM READY\n");
        Assert.True(scenario.State.Announced.GoesAlone);
        Assert.Equal("peer_lost", scenario.State.Rule);
        scenario.Play($"""
            after 5s -> PRIM READY
            b second uptodate -> PRIM READY
            {said} -> DETACH, transition(PRIM ALONE start), ALONE READY
            ok -> start_sec(PRIM ALONE start), ALONE READY
            """);
        Assert.True(scenario.State.Announced.GoesAlone);
    }

    [Theory]
    [InlineData("b second outdated deaf")]
    [InlineData("b stop deaf")]
    [InlineData("b wait transient deaf")]
    public void AnAnswerFromBeforeTheQuestionReleasesNobody(string said) => Play(ToPrim + $"""
        peerlost paired -> PRIM READY
        {said} -> PRIM READY
        """);

    [Fact]
    public void GoesAloneWhenNothingIsHeardForTheTimeout() => Play(ToPrim + """
        lost -> PRIM READY
        peerlost paired -> PRIM READY
        after 0.9s -> PRIM READY
        after 0.1s -> DETACH, transition(PRIM ALONE start), ALONE READY
        """);

    [Fact]
    public void APrimaryThatWasLateWaitsForAnAnswer() => Play(ToPrim + """
        late -> PRIM READY
        peerlost paired -> PRIM READY
        after 5s -> PRIM READY
        lost -> PRIM READY
        after 5s -> PRIM READY
        b second outdated -> DETACH, transition(PRIM ALONE start), ALONE READY
        """);

    [Fact]
    public void APrimaryThatWasReplacedMeanwhileGivesWay() => Play(ToPrim + """
        peerlost paired -> PRIM READY
        b stop newer -> uncheck Both, uncheck Prim, -VIP, PRIM TRANSIENT
        addressgone -> UNMOUNT, PRIM TRANSIENT
        stopped -> stop_prim(PRIM WAIT stopwait), PRIM TRANSIENT
        ok -> stop_both(PRIM WAIT stopwait), PRIM TRANSIENT
        """);

    [Fact]
    public void WhoWaitsInTheKernelIsCutOffBeforeItIsStopped() => Play(ToPrim + """
        peerlost paired -> PRIM READY
        stop -> uncheck Both, uncheck Prim, -VIP, PRIM TRANSIENT
        addressgone -> UNMOUNT, PRIM TRANSIENT
        stopped -> stop_prim(PRIM WAIT stop), PRIM TRANSIENT
        """);

    [Fact]
    public void APrimaryThatWasPausedAndReplacedLosesItsDirectoriesFirst() => Play(ToPrim + """
        b alone exits -> uncheck Prim, -VIP, PRIM TRANSIENT
        addressgone -> UNMOUNT, PRIM TRANSIENT
        stopped -> stop_prim(PRIM SECOND stopstart), PRIM TRANSIENT
        ok -> stop_prim(force PRIM SECOND stopstart), PRIM TRANSIENT
        ok -> transition(PRIM SECOND stopstart), SECOND TRANSIENT
        """);

    [Fact]
    public void AnOrderlyGoodbyeReleasesAtOnce() => Play(ToPrim + "peerlost orderly paired -> DETACH, transition(PRIM ALONE start), ALONE READY");

    [Fact]
    public void AReintegrationThatFailsReleasesNobodyForNobodyWaits() => Play(ToAlone + """
        attached -> ALONE READY
        peerlost -> ALONE READY
        """);

    [Fact]
    public void AConnectionThatComesBackIsNoFailover()
    {
        var scenario = Play(ToPrim + """
            peerlost paired -> PRIM READY
            attached -> PRIM READY
            b second outdated -> PRIM READY
            lost -> PRIM READY
            after 5s -> PRIM READY
            peerlost -> PRIM READY
            after 5s -> DETACH, transition(PRIM ALONE start), ALONE READY
            """);
        Assert.True(scenario.State.Announced.GoesAlone);
        var back = Play(ToPrim + "peerlost paired -> PRIM READY\nattached -> PRIM READY\npaired -> PRIM READY\n");
        Assert.False(back.State.Announced.GoesAlone);
    }

    [Fact]
    public void AfterASplitOneStaysAndTheOtherExits()
    {
        var stays = Play(ToAlone + "b alone stays -> ALONE READY");
        Assert.Contains("splitbrain: staying alone: former primary", stays.Logs);
        var exits = Play(ToAlone + """
            b alone exits -> uncheck Prim, -VIP, ALONE TRANSIENT
            addressgone -> stop_prim(ALONE SECOND stopstart), ALONE TRANSIENT
            ok -> stop_prim(force ALONE SECOND stopstart), ALONE TRANSIENT
            ok -> UNMOUNT, ALONE TRANSIENT
            stopped -> transition(ALONE SECOND stopstart), SECOND TRANSIENT
            ok -> FOLLOW, start_second(ALONE SECOND stopstart), SECOND TRANSIENT
            ok -> check Second, SECOND TRANSIENT
            b alone wait -> SECOND TRANSIENT
            refused -> uncheck Both, uncheck Second, stop_sec(SECOND WAIT stopwait), SECOND TRANSIENT
            ok -> stop_second(SECOND WAIT stopwait), SECOND TRANSIENT
            ok -> UNMOUNT, SECOND TRANSIENT
            stopped -> *, WAIT NOTREADY
            """);
        Assert.Contains(exits.Logs, line => line.StartsWith("splitbrain: exiting alone: former secondary", StringComparison.Ordinal));
        Assert.Equal("safekit second fullsync", exits.State.Remedy);
        exits.Play("""
            second full -> transition(WAIT SECOND start), SECOND TRANSIENT
            ok -> FOLLOW full, start_both(WAIT SECOND start), SECOND TRANSIENT
            """);
    }

    [Fact]
    public void AFailedPromotionIsAStopStart() => Play(ToSecond + """
        primarylost orderly -> SECOND READY
        b stop -> uncheck Second, PROMOTE, ALONE TRANSIENT
        notpromoted -> uncheck Both, stop_sec(ALONE WAIT stopstart), ALONE TRANSIENT
        ok -> stop_prim(ALONE WAIT stopstart), ALONE TRANSIENT
        ok -> stop_prim(force ALONE WAIT stopstart), ALONE TRANSIENT
        ok -> UNMOUNT, ALONE TRANSIENT
        """);

    [Fact]
    public void TheFirstStartSaysWhatToType()
    {
        var scenario = Play(NeverSynchronised);
        Assert.Equal(("notuptodate_server", "safekit prim"), (scenario.State.Rule, scenario.State.Remedy));
        Assert.Contains("notuptodate_server: wait: rule of the data; remedy: safekit prim", scenario.Logs);
        scenario.Play("""
            prim -> WAIT TRANSIENT
            b wait wait remedy notready -> transition(WAIT ALONE start), ALONE TRANSIENT
            ok -> LEAD Forced, ALONE TRANSIENT
            """);
    }

    [Fact]
    public void TheOtherNodeIsTheSecondary() => Play(NeverSynchronised + """
        second -> WAIT NOTREADY
        b alone wait remedy -> WAIT NOTREADY
        second -> transition(WAIT SECOND start), SECOND TRANSIENT
        ok -> FOLLOW, start_both(WAIT SECOND start), SECOND TRANSIENT
        """);

    [Theory]
    [InlineData("prim full", "LEAD ForcedFullSync")]
    [InlineData("prim force", "LEAD Forced")]
    public void OrdersSayHowToLead(string order, string lead) => Play($"""
        own Paired -> STOP NOTREADY
        lost wait remedy -> STOP NOTREADY
        {order} -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> transition(WAIT ALONE start), ALONE TRANSIENT
        ok -> {lead}, ALONE TRANSIENT
        """);

    [Theory]
    [InlineData("b prim", "prim", "prim is refused: b is the primary")]
    [InlineData("b alone", "prim force", "prim is refused: b is the primary")]
    [InlineData("b stop", "second", "second is refused: b is not the primary (STOP)")]
    [InlineData("lost", "second full", "second is refused: b is not the primary (not heard)")]
    [InlineData("own Inconsistent", "prim", "data may be inconsistent")]
    [InlineData("own Inconsistent", "prim full", "data may be inconsistent")]
    public void OrdersThatWouldHarmAreRefused(string before, string order, string log)
    {
        var scenario = Play($"{before} -> STOP NOTREADY\n{order} -> STOP NOTREADY");
        Assert.Contains(scenario.Logs, line => line.Contains(log));
    }

    [Fact]
    public void PrimForceOverridesInconsistentData() => Play("own Inconsistent -> STOP NOTREADY\nprim force -> transition(STOP WAIT start), WAIT TRANSIENT");

    [Theory]
    [InlineData(ToPrim, "prim", "prim has no effect: this node is the primary")]
    [InlineData(ToSecond, "second", "second has no effect: this node is the secondary")]
    [InlineData(ToSecond, "prim", "prim is refused: b is the primary")]
    [InlineData(ToPrim, "start", "start has no effect")]
    [InlineData(ToPrim, "second", "second is refused: b is not the primary (SECOND)")]
    public void OrdersWithoutEffectSayWhy(string before, string order, string log)
    {
        var scenario = Play(before);
        var state = scenario.State.State;
        scenario.Happen(order);
        Assert.Equal(state, scenario.State.State);
        Assert.Contains(scenario.Logs, line => line.Contains(log));
    }

    [Fact]
    public void TwoThatStartTogetherKnowOfEachOtherFirst() => Play("""
        own Paired -> STOP NOTREADY
        b stop lead -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> WAIT TRANSIENT
        b stop lead deaf -> WAIT TRANSIENT
        b wait lead transient -> transition(WAIT ALONE start), ALONE TRANSIENT
        """);

    [Fact]
    public void WaitsUntilItIsKnownWhetherTheOtherIsThere() => Play("""
        own Alone -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> WAIT TRANSIENT
        late lead -> WAIT TRANSIENT
        lost lead -> transition(WAIT ALONE start), ALONE TRANSIENT
        """);

    [Fact]
    public void APreCheckerGuardsTheStart() => Play(
        """
        own Alone -> STOP NOTREADY
        lost lead -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> check Pre, WAIT TRANSIENT
        down tcp.disk -> WAIT NOTREADY
        up tcp.disk -> transition(WAIT ALONE start), ALONE TRANSIENT
        """,
        new MirrorModuleSettings { Checkers = [new("tcp.disk", "t_disk", CheckerWhen.Pre, CheckerAction.Wait)] });
}
