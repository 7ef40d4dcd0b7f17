using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>Scenarios: what happens, what is done about it, in which state that ends.</summary>
public sealed class FarmModuleMachineTests
{
    private const string ToUp = """
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> join, transition(WAIT UP start), WAIT TRANSIENT
        ok -> OPEN, start_both(WAIT UP start), UP TRANSIENT
        ok -> check Both, UP READY
        up tcp.web -> UP READY
        """;

    private const string Stopping = """
        released -> stop_both(UP WAIT stop), UP TRANSIENT
        ok -> transition(UP WAIT stop), UP TRANSIENT
        ok -> stop_both(force WAIT STOP stop), WAIT TRANSIENT
        ok -> leave, poststop(WAIT STOP stop), WAIT TRANSIENT
        ok -> transition(WAIT STOP stop), WAIT TRANSIENT
        ok -> STOP NOTREADY
        """;

    private const string Restarting = """
        ok -> stop_both(force UP UP stopstart), UP TRANSIENT
        ok -> start_both(UP UP stopstart), UP TRANSIENT
        ok -> check Both, UP READY
        """;

    private static FarmModuleSettings Settings(CheckerAction action = CheckerAction.Restart) => new()
    {
        Checkers = [new FarmChecker("tcp.web", "t_web", CheckerWhen.Both, action)],
    };

    [Fact]
    public void StartAndStop() => new FarmScenario(Settings()).Play(ToUp + "\nstop -> uncheck Both, CLOSE, UP TRANSIENT\n" + Stopping + "\n" + ToUp);

    [Fact]
    public void ADrainedModuleTakesNothingNewUntilItIsOpenedAgainOrStopped()
    {
        var scenario = new FarmScenario(Settings());
        scenario.Play(ToUp + """

            drain -> CLOSE, UP READY
            drain -> UP READY
            released -> UP READY
            down tcp.web -> uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT
            """ + "\n" + Restarting + """

            up tcp.web -> UP READY
            undrain -> OPEN, UP READY
            drain -> CLOSE, UP READY
            stop -> uncheck Both, stop_both(UP WAIT stop), UP TRANSIENT
            ok -> transition(UP WAIT stop), UP TRANSIENT
            ok -> stop_both(force WAIT STOP stop), WAIT TRANSIENT
            ok -> leave, poststop(WAIT STOP stop), WAIT TRANSIENT
            ok -> transition(WAIT STOP stop), WAIT TRANSIENT
            ok -> STOP NOTREADY
            drain -> STOP NOTREADY
            """ + "\n" + ToUp);
        Assert.Contains("administrator: drain has no effect: drained already", scenario.Logs);
        Assert.Contains("administrator: drain has no effect: the module is not up, or it is stopping", scenario.Logs);
    }

    [Fact]
    public void ARestartedDaemonKeepsADrainedModuleDrained() => new FarmScenario(Settings()).Play("""
        adopt open drained -> join, check Both, UP READY
        up tcp.web -> UP READY
        undrain -> OPEN, UP READY
        """);

    [Fact]
    public void RestartMovesTheShareAndTakesItBackAfterTheStart() => new FarmScenario(Settings()).Play(ToUp + """

        restart -> uncheck Both, CLOSE, UP TRANSIENT
        released -> stop_both(UP UP stopstart), UP TRANSIENT
        ok -> stop_both(force UP UP stopstart), UP TRANSIENT
        ok -> start_both(UP UP stopstart), UP TRANSIENT
        ok -> check Both, OPEN, UP READY
        """);

    [Fact]
    public void AServiceThatIsGoneLeavesItsShareAtOnceAndComesBackByItself()
    {
        var scenario = new FarmScenario(Settings());
        scenario.Play(ToUp + "\ndown tcp.web -> CLOSE, uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT\n" + Restarting + "\nup tcp.web -> OPEN, UP READY");
        Assert.Contains("t_web: this node leaves its share to the others", scenario.Logs);
        Assert.Contains("t_web: restart", scenario.Logs);
        Assert.Equal((1, ""), (scenario.State.LoopCount, scenario.State.Rule));
    }

    [Fact]
    public void WithNoActionOnlyTheShareMoves() => new FarmScenario(Settings(CheckerAction.NoAction)).Play(ToUp + """

        down tcp.web -> CLOSE, UP READY
        down tcp.web -> UP READY
        up tcp.web -> OPEN, UP READY
        """);

    [Fact]
    public void WithStopTheModuleStops() => new FarmScenario(Settings(CheckerAction.Stop)).Play(ToUp + """

        down tcp.web -> CLOSE, uncheck Both, stop_both(UP WAIT stop), UP TRANSIENT
        """);

    [Fact]
    public void WithStopStartTrafficWaitsForTheService() => new FarmScenario(Settings(CheckerAction.StopStart)).Play(ToUp + """

        down tcp.web -> CLOSE, uncheck Both, stop_both(UP WAIT stopstart), UP TRANSIENT
        ok -> transition(UP WAIT stopstart), UP TRANSIENT
        ok -> stop_both(force WAIT STOP stopstart), WAIT TRANSIENT
        ok -> leave, poststop(WAIT STOP stopstart), WAIT TRANSIENT
        ok -> transition(WAIT STOP stopstart), WAIT TRANSIENT
        ok -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> join, transition(WAIT UP start), WAIT TRANSIENT
        ok -> start_both(WAIT UP start), UP TRANSIENT
        ok -> check Both, UP READY
        up tcp.web -> OPEN, UP READY
        """);

    [Fact]
    public void TheFourthDetectionStopsTheModule()
    {
        var scenario = new FarmScenario(Settings());
        const string Detection = "\ndown tcp.web -> uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT\n" + Restarting;
        scenario.Play(ToUp + Detection.Replace("web -> ", "web -> CLOSE, ") + Detection + Detection);
        scenario.Play("down tcp.web -> uncheck Both, stop_both(UP WAIT stop), UP TRANSIENT");
        Assert.True(scenario.State.MaxLoopReached);
        Assert.Equal("maxloop", scenario.State.Rule);
        scenario.Play(Stopping[Stopping.IndexOf("ok", StringComparison.Ordinal)..]);
        scenario.Play(ToUp);
        Assert.Equal((0, false), (scenario.State.LoopCount, scenario.State.MaxLoopReached));
    }

    [Theory]
    [InlineData("after 86400s", 1)]
    [InlineData("after 86399s", 2)]
    public void TheLoopWindowExpires(string pause, int count)
    {
        var scenario = new FarmScenario(Settings());
        scenario.Play(ToUp + "\ndown tcp.web -> CLOSE, uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT\n" + Restarting);
        scenario.Happen(pause);
        scenario.Happen("down tcp.web");
        Assert.Equal(count, scenario.State.LoopCount);
    }

    [Fact]
    public void AnAdministratorsOrderResetsTheCounterAndARulesOrderCounts()
    {
        var scenario = new FarmScenario(Settings() with { ReleaseLimit = TimeSpan.Zero });
        scenario.Play(ToUp);
        for (var i = 1; i <= 3; i++)
        {
            scenario.Play("restart -i custom -> uncheck Both, CLOSE, stop_both(UP UP stopstart), UP TRANSIENT\n" + Restarting.Replace("Both,", "Both, OPEN,"));
            Assert.Equal(i, scenario.State.LoopCount);
        }

        scenario.Happen("restart");
        Assert.Equal(0, scenario.State.LoopCount);
    }

    [Fact]
    public void ALoopIntervalOfZeroSwitchesTheCounterOff()
    {
        var scenario = new FarmScenario(Settings() with { LoopInterval = TimeSpan.Zero, MaxLoop = 0 });
        scenario.Play(ToUp + "\ndown tcp.web -> CLOSE, uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT");
        Assert.Equal(0, scenario.State.LoopCount);
    }

    [Fact]
    public void AStartScriptThatStopsItsModule()
    {
        var scenario = new FarmScenario(Settings());
        scenario.Play("""
            start -> transition(STOP WAIT start), WAIT TRANSIENT
            ok -> prestart(STOP WAIT start), WAIT TRANSIENT
            ok -> join, transition(WAIT UP start), WAIT TRANSIENT
            ok -> OPEN, start_both(WAIT UP start), UP TRANSIENT
            stop -i start_both -> UP TRANSIENT
            fail -> CLOSE, UP TRANSIENT
            """ + "\n" + Stopping);
        Assert.Contains("script: start_both ended with exit code 1", scenario.Logs);
    }

    [Fact]
    public void AFailedOrHungStartScriptIsLoggedAndTheModuleGoesOn()
    {
        var scenario = new FarmScenario(Settings());
        scenario.Play(ToUp[..ToUp.LastIndexOf("ok", StringComparison.Ordinal)] + "timeout -> check Both, UP READY");
        Assert.Contains("script: start_both reached its time limit and was killed", scenario.Logs);
    }

    [Fact]
    public void APrestartThatRefuses() => new FarmScenario(Settings()).Play("""
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        stop -i prestart -> WAIT TRANSIENT
        fail -> stop_both(force WAIT STOP stop), WAIT TRANSIENT
        ok -> poststop(WAIT STOP stop), WAIT TRANSIENT
        ok -> transition(WAIT STOP stop), WAIT TRANSIENT
        ok -> STOP NOTREADY
        """);

    [Fact]
    public void ConnectionsThatNeverEndDoNotHoldAStopUp() => new FarmScenario(Settings()).Play(ToUp + """

        stop -> uncheck Both, CLOSE, UP TRANSIENT
        after 9s -> UP TRANSIENT
        after 1s -> stop_both(UP WAIT stop), UP TRANSIENT
        released -> UP TRANSIENT
        """);

    [Fact]
    public void ALateAnswerToAnEarlierReleaseDoesNotCutAStopShort()
    {
        var scenario = new FarmScenario(Settings(CheckerAction.NoAction));
        scenario.Play(ToUp + """

            down tcp.web -> CLOSE, UP READY
            up tcp.web -> OPEN, UP READY
            stop -> uncheck Both, CLOSE, UP TRANSIENT
            released 1 -> UP TRANSIENT
            released 3 -> UP TRANSIENT
            released 2 -> stop_both(UP WAIT stop), UP TRANSIENT
            released 2 -> UP TRANSIENT
            """);
        Assert.Equal([1, 2], scenario.Releases);
    }

    [Fact]
    public void AStopDuringAReleaseWaitsForIt() => new FarmScenario(Settings()).Play(ToUp + """

        restart -> uncheck Both, CLOSE, UP TRANSIENT
        stop -> UP TRANSIENT
        restart -> UP TRANSIENT
        """ + "\n" + Stopping);

    [Fact]
    public void AStartDuringAStopFollowsIt() => new FarmScenario(Settings()).Play(ToUp + """

        stop -> uncheck Both, CLOSE, UP TRANSIENT
        start -> UP TRANSIENT
        """ + "\n" + Stopping.Replace("ok -> STOP NOTREADY", "ok -> transition(STOP WAIT start), WAIT TRANSIENT"));

    [Fact]
    public void AStopAndAStartDuringTheStartScript() => new FarmScenario(Settings()).Play("""
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        stop -> WAIT TRANSIENT
        start -> WAIT TRANSIENT
        ok -> stop_both(force WAIT STOP stopstart), WAIT TRANSIENT
        ok -> poststop(WAIT STOP stopstart), WAIT TRANSIENT
        ok -> transition(WAIT STOP stopstart), WAIT TRANSIENT
        ok -> transition(STOP WAIT start), WAIT TRANSIENT
        """);

    [Fact]
    public void ARestartedDaemonTouchesNothing() => new FarmScenario(Settings()).Play("""
        adopt open -> join, check Both, OPEN, UP READY
        up tcp.web -> UP READY
        adopt open -> UP READY
        down tcp.web -> CLOSE, uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT
        """);

    [Fact]
    public void AnAdoptedModuleWhoseTrafficWasClosed() => new FarmScenario(Settings()).Play("""
        adopt closed -> join, check Both, UP READY
        up tcp.web -> OPEN, UP READY
        """);

    [Fact]
    public void AStopOvertakesAStopStart() => new FarmScenario(Settings()).Play(ToUp + """

        stopstart -> uncheck Both, CLOSE, UP TRANSIENT
        stop -> UP TRANSIENT
        """ + "\n" + Stopping.Replace("stop)", "stopstart)"));

    [Fact]
    public void OrdersWithoutEffect() => new FarmScenario(Settings()).Play("""
        stop -> STOP NOTREADY
        restart -> STOP NOTREADY
        stopstart -i custom -> STOP NOTREADY
        released -> STOP NOTREADY
        down tcp.web -> STOP NOTREADY
        open -> STOP NOTREADY
        after 1s -> STOP NOTREADY
        stopstart -> transition(STOP WAIT start), WAIT TRANSIENT
        start -> WAIT TRANSIENT
        restart -> WAIT TRANSIENT
        """);

    [Fact]
    public void WithScriptControlTheScriptsOpenAndClose() => new FarmScenario(Settings() with { ScriptControl = true }).Play("""
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> join, transition(WAIT UP start), WAIT TRANSIENT
        ok -> start_both(WAIT UP start), UP TRANSIENT
        open -> OPEN, UP TRANSIENT
        ok -> check Both, UP READY
        close -> CLOSE, UP READY
        down tcp.web -> uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT
        ok -> stop_both(force UP UP stopstart), UP TRANSIENT
        ok -> start_both(UP UP stopstart), UP TRANSIENT
        open -> UP TRANSIENT
        ok -> check Both, UP READY
        up tcp.web -> OPEN, UP READY
        """);

    /// <summary>As the daemon runs it: an open by script waits for no checker that has not looked yet, and a stop leaves the closing to stop_both.</summary>
    [Fact]
    public void AScriptDecidesFromStartToStop()
    {
        var scenario = new FarmScenario(Settings() with { ScriptControl = true, Opening = TrafficOpening.WhenServing });
        scenario.Play("""
            start -> transition(STOP WAIT start), WAIT TRANSIENT
            open -> WAIT TRANSIENT
            ok -> prestart(STOP WAIT start), WAIT TRANSIENT
            ok -> join, transition(WAIT UP start), WAIT TRANSIENT
            ok -> start_both(WAIT UP start), UP TRANSIENT
            close -> UP TRANSIENT
            open -> OPEN, UP TRANSIENT
            ok -> check Both, UP READY
            up tcp.web -> UP READY
            drain -> CLOSE, UP READY
            open -> UP READY
            undrain -> OPEN, UP READY
            stop -> uncheck Both, stop_both(UP WAIT stop), UP TRANSIENT
            close -> CLOSE, UP TRANSIENT
            open -> UP TRANSIENT
            released -> UP TRANSIENT
            ok -> transition(UP WAIT stop), UP TRANSIENT
            """);
        Assert.Contains("scriptcontrol: traffic stays closed: the module is not up, or it is stopping", scenario.Logs);
    }

    [Fact]
    public void WhatAStopScriptLeavesOpenIsClosedBehindIt() => new FarmScenario(Settings() with { ScriptControl = true }).Play("""
        adopt open -> join, check Both, OPEN, UP READY
        restart -> uncheck Both, stop_both(UP UP stopstart), UP TRANSIENT
        ok -> CLOSE, UP TRANSIENT
        released -> stop_both(force UP UP stopstart), UP TRANSIENT
        ok -> start_both(UP UP stopstart), UP TRANSIENT
        open -> OPEN, UP TRANSIENT
        """);

    [Fact]
    public void AdoptionRemembersWhatTheScriptSaid()
    {
        var settings = Settings() with { ScriptControl = true };
        new FarmScenario(settings).Play("""
            adopt closed -> join, check Both, UP READY
            up tcp.web -> UP READY
            open -> OPEN, UP READY
            """);
        new FarmScenario(settings).Play("""
            adopt closed opened -> join, check Both, UP READY
            up tcp.web -> OPEN, UP READY
            """);
    }

    [Fact]
    public void WhenServingOpensOnlyBeforeALiveService() => new FarmScenario(Settings() with { Opening = TrafficOpening.WhenServing }).Play("""
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> join, transition(WAIT UP start), WAIT TRANSIENT
        ok -> start_both(WAIT UP start), UP TRANSIENT
        ok -> check Both, UP READY
        up tcp.web -> OPEN, UP READY
        """);

    [Fact]
    public void AMissingResourceHoldsTheStartAndEndsTheRun()
    {
        var scenario = new FarmScenario(new FarmModuleSettings
        {
            Checkers = [new FarmChecker("tcp.db", "t_db", CheckerWhen.Pre, CheckerAction.Wait)],
        });
        scenario.Play("""
            start -> transition(STOP WAIT start), WAIT TRANSIENT
            ok -> prestart(STOP WAIT start), WAIT TRANSIENT
            ok -> join, check Pre, WAIT TRANSIENT
            down tcp.db -> WAIT NOTREADY
            up tcp.db -> transition(WAIT UP start), WAIT TRANSIENT
            ok -> OPEN, start_both(WAIT UP start), UP TRANSIENT
            ok -> UP READY
            down tcp.db -> CLOSE, UP TRANSIENT
            released -> stop_both(UP WAIT stopwait), UP TRANSIENT
            ok -> transition(UP WAIT stopwait), UP TRANSIENT
            ok -> stop_both(force WAIT WAIT stopwait), WAIT TRANSIENT
            ok -> WAIT NOTREADY
            stop -> stop_both(force WAIT STOP stop), WAIT TRANSIENT
            ok -> uncheck Pre, leave, poststop(WAIT STOP stop), WAIT TRANSIENT
            """);
        Assert.Contains("t_db: wait until tcp.db is up", scenario.Logs);
        Assert.Contains("Implicit_wakeup: nothing is missing any more", scenario.Logs);
    }

    [Fact]
    public void WithoutUserVipAndFarmNothingIsRun() => new FarmScenario(new FarmModuleSettings
    {
        RunsScripts = false,
        HasMembership = false,
        HasTraffic = false,
    }).Play("""
        start -> UP READY
        restart -> UP READY
        stop -> STOP NOTREADY
        """);

    /// <summary>Whatever comes in whatever order: the invariants hold, and a stop always leads to STOP.</summary>
    [Fact]
    public void RandomEventsKeepTheInvariants()
    {
        var random = new Random(7);
        string[] events = ["start", "stop", "restart", "stopstart", "restart -i x", "stopstart -i x", "stop -i x", "released", "up tcp.web", "down tcp.web", "up tcp.db", "down tcp.db", "open", "close", "after 5s"];
        for (var run = 0; run < 2000; run++)
        {
            var settings = Settings((CheckerAction)random.Next(4)) with { Opening = (TrafficOpening)(run % 2), ScriptControl = run % 5 == 0 };
            var scenario = new FarmScenario(settings with { Checkers = [.. settings.Checkers, new FarmChecker("tcp.db", "t_db", CheckerWhen.Pre, CheckerAction.Wait)] });
            for (var i = 0; i < 60; i++)
            {
                var text = scenario.State.RunningScript is not null && random.Next(2) == 0 ? "ok" : events[random.Next(events.Length)];
                scenario.Happen(text);
                var state = scenario.State;
                Assert.False(state.TrafficOpen && state.State != ModuleState.Up, "traffic is open in UP only");
                Assert.False(state.TrafficOpen && state.Resources.GetValueOrDefault("tcp.web") == ResourceValue.Down, "no traffic without a service");
                Assert.False(state.State == ModuleState.Stop && state.IsMember && !state.IsBusy, "a stopped module is no member");
            }

            Assert.Equal(Enumerable.Range(1, scenario.Releases.Count).Select(number => (long)number), scenario.Releases);
            scenario.Happen("stop");
            for (var i = 0; i < 30 && scenario.State.IsBusy; i++)
                scenario.Happen(scenario.State.RunningScript is not null ? "ok" : "released");
            Assert.Equal((ModuleState.Stop, false, false), (scenario.State.State, scenario.State.IsMember, scenario.State.TrafficOpen));
        }
    }
}
