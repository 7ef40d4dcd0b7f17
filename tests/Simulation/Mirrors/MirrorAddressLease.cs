using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>
/// Until when a primary may answer for the virtual address. A secondary takes over when it has heard nothing for the whole <c>timeout</c>; so a
/// primary that has a rival answers only for less than that after the last moment at which the rival is known to have heard it: a node that is
/// paused, or heard no more, falls silent before the other one speaks. The daemon's heart does less: it counts from the sending, rival or not, so
/// that a node which only is not heard any more answers until it hears that the other one leads (docs/heart.md, known limits).
/// </summary>
internal static class MirrorAddressLease
{
    /// <param name="heardSentNs">
    /// When this node sent the newest of its heartbeats that the other had heard when it last said something without leading itself; 0: none.
    /// </param>
    /// <returns>Monotonic time in nanoseconds; 0: not at all.</returns>
    public static long EndNs(MirrorModuleSettings settings, MirrorModuleState state, long heardSentNs, long nowNs)
    {
        if (!state.HoldsAddress)
            return 0;
        var fromNs = HasRival(settings, state) && (settings.Mistake & MirrorMistake.LeaseWithoutEcho) == 0 ? heardSentNs : nowNs;
        return fromNs == 0 ? 0 : fromNs + LeaseNs(settings);
    }

    /// <summary>Three quarters of the timeout: the rest is for clocks that run apart and for a timer that fires late.</summary>
    private static long LeaseNs(MirrorModuleSettings settings) =>
        MonotonicClock.FromMs((long)settings.HeartbeatTimeout.TotalMilliseconds) * 3 / 4;

    private static bool HasRival(MirrorModuleSettings settings, MirrorModuleState state) => settings.HasData
        ? state.Link != MirrorLink.None || state.BrokenSinceNs is not null
        : !state.Peer.IsLost && state.Peer.Said.State == MirrorState.Second;
}
