using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Cluster;
using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>One farm or light module on this node.</summary>
public sealed class FarmModule : ModuleShell<ModuleEvent>
{
    private volatile FarmModuleState _state = new();
    private volatile ModuleLife? _life;

    public FarmModule(ModuleContext context, ModuleConfigurator configurator, ILogger logger)
        : base(context, configurator, logger) => Begin();

    public override bool Healthy => _life?.Healthy ?? true;

    protected override bool IsAtRest => _state.State == Modules.ModuleState.Stop && !_state.IsBusy;

    protected override long? DeadlineNs => _state.DeadlineNs;

    protected override bool HasLife => _life is not null;

    protected override UserConfiguration? Configuration => _life?.Configuration;

    protected override ModuleEvent TickEvent { get; } = new ModuleEvent.Tick();

    public override bool Serves(ServiceMode mode) => mode != ServiceMode.Mirror;

    public override Task<ActionResult> VerifyAsync(CancellationToken cancel) =>
        throw new SafeKitException($"{Name} is no mirror module: it has no replicated directories");

    public override string OwnerOf(string group, int bucket) => _life?.Seat?.OwnerOf(group, bucket) ?? "";

    /// <summary>What this node answers another about connections; null when it cannot tell.</summary>
    public IReadOnlyList<bool>? MayHold(HeldQuestion question) => _life?.Seat?.MayHold(question);

    public override Core.Control.ModuleState State() => ModuleStateText.Of(Context, _state, _life, Problem);

    protected override ModuleEvent StartEvent(string? identity) => new ModuleEvent.Start(identity);

    protected override ModuleEvent StopEvent(string? identity) => new ModuleEvent.Stop(identity);

    protected override ModuleEvent EventOf(ModuleOrder order)
    {
        if (order.Action is "restart" or "drain" && _state.State != Modules.ModuleState.Up)
            throw new SafeKitException($"{Name} is {State().State}: only a running module can do that; safekit start -m {Name}");
        return order.Action switch
        {
            "start" => new ModuleEvent.Start(order.Identity),
            "stop" => new ModuleEvent.Stop(order.Identity),
            "restart" => new ModuleEvent.Restart(order.Identity),
            "drain" => new ModuleEvent.Drain(order.Identity),
            "undrain" => new ModuleEvent.Undrain(order.Identity),
            "open" or "close" => TrafficEvent(order),
            "stopstart" => new ModuleEvent.StopStart(order.Identity),
            _ => throw new SafeKitException($"{Name} is no mirror module: there is no action '{order.Words}' for it"),
        };
    }

    private ModuleEvent TrafficEvent(ModuleOrder order)
    {
        if (!ScriptControl)
            throw new SafeKitException(
                $"the traffic of {Name} opens and closes by itself; write <vip scriptcontrol=\"on\"> to let its scripts do it, or use safekit drain");
        if (order.Action == "open" && _state.State != Modules.ModuleState.Up)
            throw new SafeKitException($"{Name} is {State().State}: traffic can be opened from start_both on");
        return new ModuleEvent.TrafficCommand(order.Action == "open");
    }

    private bool ScriptControl => Configuration?.Vip?.ScriptControl ?? false;

    protected override bool CanAdopt => true;

    public override Task HandOverAsync()
    {
        _life?.HandOver();
        return Task.CompletedTask;
    }

    /// <summary>
    /// A share that was open stays open, if this daemon is back in time; otherwise, with a checker, it waits until the application has been
    /// seen to answer. What was drained stays drained, and what a script has closed stays closed.
    /// </summary>
    protected override void Adopt(UserConfiguration configuration, RunMemory? before)
    {
        var drained = before?.Drained ?? false;
        var opened = !ScriptControl || before?.Opened == true;
        var resumes = _life?.Resume(drained || !opened) == true;
        Post(new ModuleEvent.Adopted(opened && (resumes || configuration.Checkers.Tcp.Count == 0), drained, opened));
    }

    protected override void OpenLife(UserConfiguration configuration) =>
        _life = new ModuleLife(Context, configuration, Log, Post);

    protected override async Task CloseLifeAsync()
    {
        if (_life is { } life)
            await life.DisposeAsync();
        _life = null;
    }

    protected override async Task StepAsync(ModuleEvent occurrence)
    {
        if (_life is not { } life)
            return;
        var decision = life.Machine.Step(_state, occurrence, MonotonicClock.NowNs);
        var before = _state;
        _state = decision.State;
        if (before.State != decision.State.State || before.Status != decision.State.Status)
            Log.Event("state", $"Local state {ModuleStateText.Words(decision.State)}");
        Remember(
            decision.State is { State: Modules.ModuleState.Up, Status: ModuleStatus.Ready },
            decision.State.Drained,
            ScriptControl && decision.State.TrafficWanted);
        foreach (var action in decision.Actions)
            await life.DoAsync(action);
    }
}
