namespace SafeKit.Modules;

/// <summary>
/// Decides what a farm or light module does. Pure: (state, event, now) to (state, actions), with no clock, process or
/// socket, so that the daemon and the simulator run the same decisions.
/// </summary>
public sealed class FarmModuleMachine(FarmModuleSettings settings)
{
    public FarmModuleSettings Settings { get; } = settings;

    /// <param name="nowNs">Monotonic time in nanoseconds.</param>
    public FarmModuleDecision Step(FarmModuleState state, ModuleEvent happened, long nowNs)
    {
        var turn = new FarmModuleTurn(Settings, state, nowNs);
        switch (happened)
        {
            case ModuleEvent.Start start:
                turn.OnStart(start.Identity);
                break;
            case ModuleEvent.Adopted adopted:
                turn.OnAdopted(adopted);
                break;
            case ModuleEvent.Stop stop:
                turn.OnStop(stop.Identity);
                break;
            case ModuleEvent.Restart restart:
                turn.OnRestart(restart.Identity);
                break;
            case ModuleEvent.StopStart stopStart:
                turn.OnStopStart(stopStart.Identity);
                break;
            case ModuleEvent.Drain drain:
                turn.OnDrain(drain.Identity, drained: true);
                break;
            case ModuleEvent.Undrain undrain:
                turn.OnDrain(undrain.Identity, drained: false);
                break;
            case ModuleEvent.ScriptEnded ended:
                turn.OnScriptEnded(ended);
                break;
            case ModuleEvent.CheckerChanged changed:
                turn.OnCheckerChanged(changed);
                break;
            case ModuleEvent.TrafficReleased released:
                turn.OnTrafficReleased(released.Number);
                break;
            case ModuleEvent.TrafficCommand command:
                turn.OnTrafficCommand(command.Open);
                break;
            case ModuleEvent.Tick:
                turn.OnTick();
                break;
        }

        return turn.ToDecision();
    }
}
