using System.Collections.Concurrent;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Farm;
using SafeKit.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>One mirror module on this node.</summary>
public sealed class MirrorModule : ModuleShell<MirrorEvent>
{
    private static readonly TimeSpan _orderLimit = TimeSpan.FromSeconds(5);
    private readonly Func<ReplicatedDataSettings, IReplicatedDataEvents, IReplicatedData> _openData;
    private readonly ConcurrentDictionary<MirrorEvent, TaskCompletionSource<MirrorModuleDecision>> _orders =
        new(ReferenceEqualityComparer.Instance);

    private volatile MirrorModuleState _state = new();
    private volatile MirrorLife? _life;

    /// <param name="openData">Opens the data of a module; nothing is mounted by it.</param>
    public MirrorModule(
        ModuleContext context,
        ModuleConfigurator configurator,
        Func<ReplicatedDataSettings, IReplicatedDataEvents, IReplicatedData> openData,
        ILogger logger)
        : base(context, configurator, logger)
    {
        _openData = openData;
        Begin();
    }

    public override bool Healthy => _life?.Heart.Healthy ?? true;

    protected override bool IsAtRest => _state.State == Modules.MirrorState.Stop && !_state.IsBusy;

    protected override long? DeadlineNs => _state.DeadlineNs;

    protected override bool HasLife => _life is not null;

    protected override UserConfiguration? Configuration => _life?.Configuration;

    protected override MirrorEvent TickEvent { get; } = new MirrorEvent.Tick();

    public override bool Serves(ServiceMode mode) => mode == ServiceMode.Mirror;

    /// <summary>The primary owns every bucket.</summary>
    public override string OwnerOf(string group, int bucket)
    {
        if (_life is not { } life)
            return "";
        return life.Address.Answers ? Context.Cluster.SelfName : _state.Peer.Said.Leads ? life.Plan.PeerName : "";
    }

    public override Core.Control.ModuleState State() => MirrorStateText.Of(Context, _state, _life, Problem);

    public override async Task<ActionResult> VerifyAsync(CancellationToken cancel)
    {
        if (_life is not { } life)
            throw new SafeKitException($"{Name}: {Problem}");
        Log.Event("command", "Action rfsverify called by administrator");
        var report = await life.Data.VerifyAsync(cancel);
        var text = $"{report.Files} files, {report.Bytes} bytes compared in {report.Seconds:0.0} s: "
            + (report.DifferenceCount == 0 ? "identical" : $"{report.DifferenceCount} difference(s)");
        Log.Event("rfs", $"rfsverify: {text}");
        return new ActionResult(report.DifferenceCount == 0, string.Join('\n', report.Differences.Prepend(text)));
    }

    protected override MirrorEvent StartEvent(string? identity) => new MirrorEvent.Start(identity);

    protected override MirrorEvent StopEvent(string? identity) => new MirrorEvent.Stop(identity);

    protected override MirrorEvent EventOf(ModuleOrder order) => order.Action switch
    {
        "start" => new MirrorEvent.Start(order.Identity),
        "stop" => new MirrorEvent.Stop(order.Identity),
        "restart" => new MirrorEvent.Restart(order.Identity),
        "stopstart" => new MirrorEvent.StopStart(order.Identity),
        "swap" => new MirrorEvent.Swap(order.Identity),
        "prim" => new MirrorEvent.Prim(order.Full),
        "primforce" => new MirrorEvent.Prim(Force: true),
        "second" => new MirrorEvent.Second(order.Full),
        _ => throw new SafeKitException($"there is no action '{order.Words}'"),
    };

    /// <summary>Whether the machine took the order or refused it is known at once, and told in its own words.</summary>
    protected override async Task<ActionResult> CarryOutAsync(ModuleOrder order, MirrorEvent occurrence)
    {
        var decided = new TaskCompletionSource<MirrorModuleDecision>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders[occurrence] = decided;
        Post(occurrence);
        try
        {
            return OrderOutcome.Of(order, Name, await decided.Task.WaitAsync(_orderLimit));
        }
        catch (TimeoutException)
        {
            return new ActionResult(true, $"{order.Words} of {Name} waits until what is under way has ended; safekit state shows how far it is");
        }
        finally
        {
            _orders.TryRemove(occurrence, out _);
        }
    }

    /// <summary>A start during a stop is one after it.</summary>
    protected override bool DecidesStartWhileRunning => true;

    /// <summary>The directories were mounted by the daemon that ended, so the application cannot be taken over as it is.</summary>
    protected override bool CanAdopt => false;

    protected override void Adopt(UserConfiguration configuration, RunMemory? before) =>
        throw new InvariantException("a mirror module is started anew");

    protected override Task StopLeftoversAsync() => _life?.StopLeftoversAsync() ?? Task.CompletedTask;

    protected override void OpenLife(UserConfiguration configuration)
    {
        _state = new MirrorModuleState();
        var life = new MirrorLife(Context, configuration, _openData, _state.Announced, Log, Post);
        _life = life;
        life.Begin();
    }

    protected override async Task CloseLifeAsync()
    {
        if (_life is { } life)
            await life.DisposeAsync();
        _life = null;
    }

    protected override async Task SayGoodbyeAsync()
    {
        if (_life is { } life && IsAtRest)
            await life.LeaveAsync(_state.Peer);
    }

    protected override async Task StepAsync(MirrorEvent occurrence)
    {
        if (_life is not { } life)
            return;
        var before = _state;
        var decision = life.Machine.Step(before, occurrence, MonotonicClock.NowNs);
        _state = decision.State;
        if (before.State != decision.State.State || before.Status != decision.State.Status)
            Log.Event("state", $"Local state {HeartWords.Words(decision.State.State, decision.State.Status)}");
        if (before.State == Modules.MirrorState.Stop && decision.State.State != Modules.MirrorState.Stop)
            _ = Task.Run(life.Address.Check);
        Remember(decision.State is { State: not Modules.MirrorState.Stop, Status: ModuleStatus.Ready });
        if (_orders.TryGetValue(occurrence, out var decided))
            decided.SetResult(decision);
        foreach (var action in decision.Actions)
            await life.DoAsync(action);
        life.Tell(decision.State.Peer);
    }
}
