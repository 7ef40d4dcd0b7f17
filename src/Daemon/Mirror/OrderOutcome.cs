using SafeKit.Core.Control;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>What the machine made of an order, in its own words.</summary>
public static class OrderOutcome
{
    private const string Refused = " is refused";
    private const string NoEffect = " has no effect";

    public static ActionResult Of(ModuleOrder order, string module, MirrorModuleDecision decision)
    {
        var said = decision.Actions.OfType<MirrorAction.Log>().Select(log => log.Text).ToList();
        if (said.FirstOrDefault(text => text.Contains(Refused, StringComparison.Ordinal)) is { } refusal)
            return new ActionResult(false, $"{module}: {refusal}");
        if (said.FirstOrDefault(text => text.Contains(NoEffect, StringComparison.Ordinal)) is { } idle)
            return new ActionResult(order.Action != "restart", $"{module}: {idle}");
        return new ActionResult(true, $"{order.Words} of {module} begun; safekit state shows how far it is");
    }
}
