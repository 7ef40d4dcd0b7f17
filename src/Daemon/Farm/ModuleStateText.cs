using SafeKit.Core.Control;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>A module's state in the words that users know.</summary>
public static class ModuleStateText
{
    public static string Words(FarmModuleState state) => $"{State(state.State)} {state.Status}";

    public static Core.Control.ModuleState Of(ModuleContext context, FarmModuleState state, ModuleLife? life, string? problem)
    {
        var seat = life?.Seat;
        return new Core.Control.ModuleState(
            context.Name,
            life?.Configuration.Service.Mode.ToString().ToLowerInvariant() ?? "",
            context.Id,
            State(state.State),
            state.Status.ToString(),
            state.Rule,
            problem ?? life?.Problem,
            life?.Configuration.Signature.ToString("x16") ?? "",
            seat?.Shares() ?? [],
            seat?.Membership(),
            life?.Resources.Snapshot().Select(Resource).ToList() ?? [],
            Drain: state.Drained ? DrainOf(seat) : null,
            Closed: IsClosedByScript(state, life) ? DrainOf(seat) : null);
    }

    private static bool IsClosedByScript(FarmModuleState state, ModuleLife? life) =>
        life?.Configuration.Vip is { ScriptControl: true } && state is { State: Modules.ModuleState.Up, TrafficWanted: false };

    /// <summary>Done once nothing is this node's any more and the count that followed has found none.</summary>
    private static DrainState DrainOf(FarmSeat? seat) =>
        new(seat?.Connections, seat is { IsReleased: true, Connections: null or 0 });

    private static string State(Modules.ModuleState state) => state.ToString().ToUpperInvariant();

    private static ResourceState Resource(Resource resource) =>
        new(resource.Name, resource.Value.ToString().ToLowerInvariant(), resource.Since, resource.Reason);
}
