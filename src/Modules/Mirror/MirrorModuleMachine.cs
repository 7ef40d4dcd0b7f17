namespace SafeKit.Modules;

/// <summary>
/// Decides what a mirror module does. Pure: (state, event, now) to (state, actions), with no clock, process, socket or disk, so that the daemon and
/// the simulator run the same decisions.
/// </summary>
public sealed class MirrorModuleMachine(MirrorModuleSettings settings)
{
    public MirrorModuleSettings Settings { get; } = settings;

    /// <param name="nowNs">Monotonic time in nanoseconds.</param>
    public MirrorModuleDecision Step(MirrorModuleState state, MirrorEvent happened, long nowNs)
    {
        var turn = new MirrorModuleTurn(Settings, state, nowNs);
        if (!turn.TryOrder(happened) && !turn.TryData(happened))
            turn.OnNews(happened);
        return turn.ToDecision();
    }
}
