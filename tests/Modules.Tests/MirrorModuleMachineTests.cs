using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>Scenarios: what happens, what is done about it, in which state that ends. The order of scripts is that of reference section 4.3.</summary>
public sealed partial class MirrorModuleMachineTests
{
    private const string ToAlone = """
        own Alone -> STOP NOTREADY
        b stop lead -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> WAIT TRANSIENT
        b stop lead -> transition(WAIT ALONE start), ALONE TRANSIENT
        ok -> LEAD Current, ALONE TRANSIENT
        leading -> +VIP, ALONE TRANSIENT
        addressset -> start_both(WAIT ALONE start), ALONE TRANSIENT
        ok -> start_prim(WAIT ALONE start), ALONE TRANSIENT
        ok -> start_sec(WAIT ALONE start), ALONE TRANSIENT
        ok -> check Both, check Prim, ALONE READY

        """;

    private const string ToPrim = ToAlone + """
        b second transient -> ALONE READY
        attached -> ALONE READY
        paired -> stop_sec(ALONE PRIM start), ALONE READY
        ok -> transition(ALONE PRIM start), ALONE READY
        ok -> PRIM READY
        b second uptodate -> PRIM READY

        """;

    private const string ToSecond = """
        own Paired -> STOP NOTREADY
        b alone follow -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> transition(WAIT SECOND start), SECOND TRANSIENT
        ok -> FOLLOW, start_both(WAIT SECOND start), SECOND TRANSIENT
        ok -> start_second(WAIT SECOND start), SECOND TRANSIENT
        ok -> start_sec(WAIT SECOND start), SECOND TRANSIENT
        ok -> check Both, check Second, SECOND TRANSIENT
        uptodate -> SECOND READY
        b prim -> SECOND READY

        """;

    private const string ToStop = """
        ok -> stop_prim(force WAIT STOP stop), WAIT TRANSIENT
        ok -> stop_second(force WAIT STOP stop), WAIT TRANSIENT
        ok -> stop_both(force WAIT STOP stop), WAIT TRANSIENT
        ok -> poststop(WAIT STOP stop), WAIT TRANSIENT
        ok -> transition(WAIT STOP stop), WAIT TRANSIENT
        ok -> STOP NOTREADY

        """;

    private static MirrorModuleSettings Settings(CheckerAction action = CheckerAction.Restart) => new()
    {
        Checkers =
        [
            new("tcp.both", "t_both", CheckerWhen.Both, action),
            new("tcp.prim", "t_prim", CheckerWhen.Prim, action),
            new("tcp.second", "t_second", CheckerWhen.Second, action),
        ],
    };

    private static MirrorScenario Play(string scenario, MirrorModuleSettings? settings = null)
    {
        var played = new MirrorScenario(settings ?? Settings());
        played.Play(scenario);
        return played;
    }

    [Fact]
    public void StartsAlone() => Play(ToAlone);

    [Fact]
    public void BecomesPrimaryWhenTheOtherIsUpToDate() => Play(ToPrim);

    [Fact]
    public void BecomesSecondary() => Play(ToSecond);

    [Fact]
    public void StopsAsPrimary() => Play(ToPrim + """
        stop -> uncheck Both, uncheck Prim, stop_prim(PRIM WAIT stop), PRIM TRANSIENT
        ok -> stop_prim(force PRIM WAIT stop), PRIM TRANSIENT
        ok -> -VIP, PRIM TRANSIENT
        addressgone -> UNMOUNT, PRIM TRANSIENT
        peerlost orderly paired -> PRIM TRANSIENT
        stopped -> stop_both(PRIM WAIT stop), PRIM TRANSIENT
        ok -> transition(PRIM WAIT stop), PRIM TRANSIENT
        ok -> stop_sec(force WAIT STOP stop), WAIT TRANSIENT

        """ + ToStop);

    [Fact]
    public void StopsAlone() => Play(ToAlone + """
        stop -> uncheck Both, uncheck Prim, stop_sec(ALONE WAIT stop), ALONE TRANSIENT
        ok -> stop_prim(ALONE WAIT stop), ALONE TRANSIENT
        ok -> stop_prim(force ALONE WAIT stop), ALONE TRANSIENT
        ok -> -VIP, ALONE TRANSIENT
        addressgone -> UNMOUNT, ALONE TRANSIENT
        stopped -> stop_both(ALONE WAIT stop), ALONE TRANSIENT
        ok -> transition(ALONE WAIT stop), ALONE TRANSIENT
        ok -> stop_sec(force WAIT STOP stop), WAIT TRANSIENT

        """ + ToStop);

    [Fact]
    public void StopsAsSecondary() => Play(ToSecond + """
        stop -> uncheck Both, uncheck Second, stop_sec(SECOND WAIT stop), SECOND TRANSIENT
        ok -> stop_second(SECOND WAIT stop), SECOND TRANSIENT
        ok -> UNMOUNT, SECOND TRANSIENT
        stopped -> stop_both(SECOND WAIT stop), SECOND TRANSIENT
        ok -> transition(SECOND WAIT stop), SECOND TRANSIENT
        ok -> stop_sec(force WAIT STOP stop), WAIT TRANSIENT

        """ + ToStop);

    [Fact]
    public void RestartsAsPrimary() => Play(ToPrim + """
        restart -> uncheck Both, uncheck Prim, stop_prim(PRIM PRIM stopstart), PRIM TRANSIENT
        ok -> stop_prim(force PRIM PRIM stopstart), PRIM TRANSIENT
        ok -> stop_both(PRIM PRIM stopstart), PRIM TRANSIENT
        ok -> stop_both(force PRIM PRIM stopstart), PRIM TRANSIENT
        ok -> start_both(PRIM PRIM stopstart), PRIM TRANSIENT
        ok -> start_prim(PRIM PRIM stopstart), PRIM TRANSIENT
        ok -> check Both, check Prim, PRIM READY
        """);

    [Fact]
    public void RestartsAlone() => Play(ToAlone + """
        restart -> uncheck Both, uncheck Prim, stop_sec(ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> stop_sec(force ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> stop_prim(ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> stop_prim(force ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> stop_both(ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> stop_both(force ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> start_both(ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> start_prim(ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> start_sec(ALONE ALONE stopstart), ALONE TRANSIENT
        ok -> check Both, check Prim, ALONE READY
        """);

    [Fact]
    public void RestartsAsSecondary() => Play(ToSecond + """
        restart -> uncheck Both, uncheck Second, stop_sec(SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> stop_sec(force SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> stop_second(SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> stop_second(force SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> stop_both(SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> stop_both(force SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> start_both(SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> start_second(SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> start_sec(SECOND SECOND stopstart), SECOND TRANSIENT
        ok -> check Both, check Second, SECOND READY
        """);

    [Fact]
    public void ARestartWaitsUntilTheRoleIsTaken() => Play(ToAlone[..ToAlone.IndexOf("ok -> LEAD", StringComparison.Ordinal)] + """
        restart -> ALONE TRANSIENT
        ok -> LEAD Current, ALONE TRANSIENT
        leading -> +VIP, ALONE TRANSIENT
        addressset -> start_both(WAIT ALONE start), ALONE TRANSIENT
        ok -> start_prim(WAIT ALONE start), ALONE TRANSIENT
        ok -> start_sec(WAIT ALONE start), ALONE TRANSIENT
        ok -> check Both, check Prim, uncheck Both, uncheck Prim, stop_sec(ALONE ALONE stopstart), ALONE TRANSIENT
        """);

    [Fact]
    public void ASwapStopsHereBeforeItStartsThere()
    {
        var scenario = Play(ToPrim + """
            swap -> uncheck Prim, stop_prim(PRIM SECOND stopstart), PRIM TRANSIENT
            ok -> stop_prim(force PRIM SECOND stopstart), PRIM TRANSIENT
            ok -> -VIP, PRIM TRANSIENT
            addressgone -> UNMOUNT, PRIM TRANSIENT
            stopped -> transition(PRIM SECOND stopstart), SECOND TRANSIENT
            ok -> FOLLOW, start_second(PRIM SECOND stopstart), SECOND TRANSIENT
            ok -> start_sec(PRIM SECOND stopstart), SECOND TRANSIENT
            ok -> check Second, SECOND TRANSIENT
            b second uptodate -> SECOND TRANSIENT
            """);
        Assert.True(scenario.State.Announced.AsksSwap);
        scenario.Play("""
            b prim transient -> SECOND TRANSIENT
            uptodate -> SECOND READY
            """);
        Assert.False(scenario.State.Announced.AsksSwap);
    }

    [Fact]
    public void ASecondaryAsksForTheSwapAndTakesOverWhenThePrimaryHasLeft()
    {
        var scenario = Play(ToSecond + "swap -> SECOND READY");
        Assert.True(scenario.State.Announced.AsksSwap);
        scenario.Play("""
            b second transient swap -> SECOND READY
            primarylost orderly -> uncheck Second, PROMOTE, PRIM TRANSIENT
            promoted -> stop_sec(SECOND PRIM start), PRIM TRANSIENT
            ok -> stop_second(SECOND PRIM start), PRIM TRANSIENT
            ok -> transition(SECOND PRIM start), PRIM TRANSIENT
            ok -> +VIP, PRIM TRANSIENT
            addressset -> start_prim(SECOND PRIM start), PRIM TRANSIENT
            ok -> check Prim, PRIM READY
            attached -> PRIM READY
            paired -> PRIM READY
            b stop -> PRIM READY
            peerlost orderly paired -> DETACH, transition(PRIM ALONE start), ALONE READY
            ok -> start_sec(PRIM ALONE start), ALONE READY
            """);
    }

    [Fact]
    public void AfterASwapWithoutItsFormerPrimaryANodeIsAlone() => Play(ToSecond + """
        b second transient swap -> SECOND READY
        primarylost orderly -> uncheck Second, PROMOTE, PRIM TRANSIENT
        promoted -> stop_sec(SECOND PRIM start), PRIM TRANSIENT
        ok -> stop_second(SECOND PRIM start), PRIM TRANSIENT
        ok -> transition(SECOND PRIM start), PRIM TRANSIENT
        ok -> +VIP, PRIM TRANSIENT
        addressset -> start_prim(SECOND PRIM start), PRIM TRANSIENT
        ok -> check Prim, PRIM READY
        lost -> transition(PRIM ALONE start), ALONE READY
        ok -> start_sec(PRIM ALONE start), ALONE READY
        """);

    [Theory]
    [InlineData(ToAlone, "swap is refused: it needs a primary and a secondary that is up to date; here ALONE, there STOP")]
    [InlineData(ToPrim + "b second transient -> PRIM READY\n", "swap is refused")]
    [InlineData(ToPrim + "lost -> PRIM READY\n", "here PRIM, there not heard")]
    [InlineData("", "here STOP")]
    public void ASwapIsRefusedWithoutASecondary(string before, string log)
    {
        var scenario = Play(before);
        var state = scenario.State.State;
        scenario.Happen("swap");
        Assert.Contains(scenario.Logs, line => line.Contains(log));
        Assert.Equal(state, scenario.State.State);
    }

    [Fact]
    public void DefaultPrimBringsThePrimaryToItsNode()
    {
        var scenario = Play(ToPrim.Replace("b second uptodate -> PRIM READY", ""), Settings() with { DefaultPrim = "b" });
        scenario.Play("b second uptodate -> uncheck Prim, stop_prim(PRIM SECOND stopstart), PRIM TRANSIENT");
        Assert.Contains(scenario.Logs, line => line.StartsWith("defaultprim: swap", StringComparison.Ordinal));
    }

    [Fact]
    public void LastPrimAsksForTheRoleThatItHad()
    {
        var scenario = Play(ToSecond.Replace("own Paired", "own Paired primary"), Settings() with { DefaultPrim = "lastprim" });
        Assert.True(scenario.State.Announced.AsksSwap);
        Assert.False(Play(ToSecond, Settings() with { DefaultPrim = "lastprim" }).State.Announced.AsksSwap);
    }

    [Fact]
    public void WithoutDataAndScriptsTheRolesAreTheSame() => Play(
        """
        b stop -> STOP NOTREADY
        start -> WAIT TRANSIENT
        b stop -> +VIP, ALONE TRANSIENT
        addressset -> ALONE READY
        b second transient -> ALONE READY
        b second uptodate -> PRIM READY
        swap -> -VIP, PRIM TRANSIENT
        addressgone -> SECOND READY
        b second uptodate -> SECOND READY
        b alone -> SECOND READY
        lost -> +VIP, ALONE TRANSIENT
        """,
        new MirrorModuleSettings { HasData = false, RunsScripts = false });

    [Fact]
    public void TheFourthFailureStops()
    {
        var scenario = Play(ToAlone);
        for (var failure = 1; failure <= 3; failure++)
        {
            scenario.Play("down tcp.prim -> *, ALONE READY");
            Assert.Equal(failure, scenario.State.LoopCount);
        }

        scenario.Play("down tcp.prim -> uncheck Both, uncheck Prim, stop_sec(ALONE WAIT stop), ALONE TRANSIENT");
        Assert.True(scenario.State.MaxLoopReached);
        Assert.Contains(scenario.Logs, line => line.StartsWith("maxloop: stop: t_prim", StringComparison.Ordinal));
    }

    [Fact]
    public void DataThatFailsIsAStopStart()
    {
        Play(ToAlone + "failed -> uncheck Both, uncheck Prim, stop_sec(ALONE WAIT stopstart), ALONE TRANSIENT");
        var scenario = Play(ToAlone[..ToAlone.IndexOf("leading", StringComparison.Ordinal)]);
        scenario.Play("failed -> stop_sec(ALONE WAIT stopstart), ALONE TRANSIENT");
        Assert.Equal(1, scenario.State.LoopCount);
        scenario.Play("""
            ok -> stop_prim(ALONE WAIT stopstart), ALONE TRANSIENT
            ok -> stop_prim(force ALONE WAIT stopstart), ALONE TRANSIENT
            ok -> UNMOUNT, ALONE TRANSIENT
            stopped -> *, WAIT TRANSIENT
            """);
    }
}
