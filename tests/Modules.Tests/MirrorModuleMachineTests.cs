using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>Scenarios: what happens, what is done about it, in which state that ends. The order of scripts is that of reference section 4.3.</summary>
public sealed class MirrorModuleMachineTests
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
}
