using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>Nothing waits for ever in silence: an address that cannot be set, a node that hears and is not heard, one that was late.</summary>
public sealed partial class MirrorModuleMachineTests
{
    private static readonly string _withoutAddress = ToAlone[..ToAlone.IndexOf("addressset", StringComparison.Ordinal)];

    private const string ToDeaf = """
        own Alone -> STOP NOTREADY
        b stop lead -> STOP NOTREADY
        start -> transition(STOP WAIT start), WAIT TRANSIENT
        ok -> prestart(STOP WAIT start), WAIT TRANSIENT
        ok -> WAIT TRANSIENT
        b stop lead deaf -> WAIT TRANSIENT

        """;

    [Theory]
    [InlineData("stop", "stop")]
    [InlineData("stopstart", "stopstart")]
    public void AnAddressThatCannotBeSetDoesNotKeepTheModuleFromStopping(string order, string action) => Play(_withoutAddress + $"""
        restart -> ALONE TRANSIENT
        {order} -> stop_sec(ALONE WAIT {action}), ALONE TRANSIENT
        ok -> stop_prim(ALONE WAIT {action}), ALONE TRANSIENT
        ok -> stop_prim(force ALONE WAIT {action}), ALONE TRANSIENT
        ok -> -VIP, ALONE TRANSIENT
        addressset -> ALONE TRANSIENT
        addressgone -> UNMOUNT, ALONE TRANSIENT
        """);

    [Fact]
    public void AnAddressThatCannotBeSetDoesNotKeepANodeFromYielding() => Play(_withoutAddress + """
        b alone exits -> -VIP, ALONE TRANSIENT
        addressgone -> stop_prim(ALONE SECOND stopstart), ALONE TRANSIENT
        """);

    [Fact]
    public void WhoYieldsWhileAScriptRunsGivesTheAddressUpAtOnce() => Play(
        ToAlone[..ToAlone.IndexOf("ok -> start_prim", StringComparison.Ordinal)] + """
        b alone exits -> -VIP, ALONE TRANSIENT
        addressgone -> ALONE TRANSIENT
        ok -> stop_prim(ALONE SECOND stopstart), ALONE TRANSIENT
        ok -> stop_prim(force ALONE SECOND stopstart), ALONE TRANSIENT
        ok -> UNMOUNT, ALONE TRANSIENT
        """);

    [Fact]
    public void ANodeThatIsNotHeardSaysSo()
    {
        var scenario = Play(ToDeaf);
        Assert.NotNull(scenario.State.DeadlineNs);
        scenario.Play("""
            after 2.9s -> WAIT TRANSIENT
            after 0.1s -> WAIT NOTREADY
            b wait lead deaf -> WAIT NOTREADY
            """);
        Assert.Equal("heartbeat", scenario.State.Rule);
        Assert.Contains("firewall of b", scenario.State.Remedy);
        scenario.Play("""
            b stop lead -> WAIT TRANSIENT
            b stop lead -> transition(WAIT ALONE start), ALONE TRANSIENT
            """);
    }

    [Fact]
    public void AnOrderGoesOnAfterTheTimeoutWithoutAnEcho() => Play(ToDeaf + """
        after 3s -> WAIT NOTREADY
        prim -> WAIT TRANSIENT
        after 2.9s -> WAIT TRANSIENT
        after 0.1s -> transition(WAIT ALONE start), ALONE TRANSIENT
        """);

    [Fact]
    public void AStoppedNodeThatDoesNotHearReleasesAfterTheTimeout()
    {
        var scenario = Play(ToPrim + """
            peerlost paired -> PRIM READY
            b stop deaf -> PRIM READY
            after 2.9s -> PRIM READY
            """);
        Assert.NotNull(scenario.State.DeadlineNs);
        scenario.Play("after 0.1s -> DETACH, transition(PRIM ALONE start), ALONE READY");
    }

    [Theory]
    [InlineData("b stop deaf newer")]
    [InlineData("b second uptodate deaf")]
    public void NobodyIsReleasedBesideWhoMayHaveGoneOn(string said) => Play(ToPrim + $"""
        peerlost paired -> PRIM READY
        {said} -> PRIM READY
        after 10s -> PRIM READY
        """);

    [Fact]
    public void APrimaryThatWasLateGoesOnByOrder()
    {
        var scenario = Play(ToPrim + """
            late -> PRIM READY
            peerlost paired -> PRIM READY
            lost -> PRIM READY
            """);
        Assert.Equal(("late", "safekit prim here: go on alone"), (scenario.State.Rule, scenario.State.Remedy));
        scenario.Play("prim -> DETACH, transition(PRIM ALONE start), ALONE READY");
        Assert.Equal("", scenario.State.Remedy);
    }

    [Fact]
    public void ASecondaryThatWasLateSaysWhatToDo()
    {
        var scenario = Play(ToSecond + """
            primarylost -> SECOND READY
            late -> SECOND READY
            lost -> SECOND READY
            """);
        Assert.Equal(
            ("late", "if b is really down: safekit stop, then safekit prim here"), (scenario.State.Rule, scenario.State.Remedy));
        scenario.Play("b prim -> SECOND READY");
        Assert.Equal(("", ""), (scenario.State.Rule, scenario.State.Remedy));
    }

    [Fact]
    public void WithoutDataANodeThatIsNotHeardYields()
    {
        var scenario = Play(
            """
            lost -> STOP NOTREADY
            start -> +VIP, ALONE TRANSIENT
            addressset -> ALONE READY
            b alone deaf -> ALONE READY
            after 2.9s -> ALONE READY
            """,
            new MirrorModuleSettings { HasData = false, RunsScripts = false });
        Assert.NotNull(scenario.State.DeadlineNs);
        scenario.Play("after 0.1s -> -VIP, ALONE TRANSIENT");
    }

    [Fact]
    public void WithoutDataANodeThatIsHeardStays() => Play(
        """
        lost -> STOP NOTREADY
        start -> +VIP, ALONE TRANSIENT
        addressset -> ALONE READY
        b alone deaf -> ALONE READY
        b alone -> ALONE READY
        after 9s -> ALONE READY
        """,
        new MirrorModuleSettings { HasData = false, RunsScripts = false });
}
