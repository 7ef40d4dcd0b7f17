using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Membership;
using SafeKit.Mirror;
using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// What one configuration of a mirror module needs to live: heart, data, virtual address, scripts, checkers. Carries out the machine's
/// actions; what takes time runs beside and comes back as an event.
/// </summary>
public sealed class MirrorLife : IAsyncDisposable
{
    private readonly ModuleLog _log;
    private readonly Action<MirrorEvent> _post;
    private readonly PeerSighting _sighting;
    private readonly ScriptDesk _scripts;
    private readonly CheckerDesk _checkers;
    private readonly CancellationTokenSource _end = new();
    private readonly byte[] _record = new byte[GenerationRecordCodec.BytesMax];
    private CancellationTokenSource _directoryWatch = new();
    private CancellationTokenSource _addressOrder = new();
    private Task _addressTail = Task.CompletedTask;
    private MirrorAnnouncement _announcement;

    /// <exception cref="SafeKitException">The record cannot be read, or a port cannot be opened; nothing is left behind.</exception>
    public MirrorLife(
        ModuleContext context,
        UserConfiguration configuration,
        Func<ReplicatedDataSettings, IReplicatedDataEvents, IReplicatedData> openData,
        MirrorAnnouncement announcement,
        ModuleLog log,
        Action<MirrorEvent> post)
    {
        _log = log;
        _post = post;
        _announcement = announcement;
        Configuration = configuration;
        Plan = MirrorOptions.From(context, configuration, context.BeginLife(log));
        Machine = new MirrorModuleMachine(Plan.Machine);
        Address = new MirrorAddress(context, configuration.Vip, log);
        _scripts = new ScriptDesk(context, configuration, log);
        _checkers = new CheckerDesk(
            configuration.Checkers.Tcp, log, Resources, r => post(new MirrorEvent.CheckerChanged(r.Name, r.Value, r.Reason)));
        Data = new MirrorData(Plan.Data, openData, log, post, () => _sighting?.OwnChanged(_announcement.FormerRole));
        _sighting = new PeerSighting(
            context.Cluster.SelfName,
            Plan.PeerName,
            Plan.Data is null ? null : () => Data.Record,
            peer => post(new MirrorEvent.PeerChanged(peer)));
        Bandwidth = new BandwidthMeter(() => Data.Status);
        try
        {
            // A tick is harmless at any time; after it the peer is told of the resources as they are.
            Heart = new MirrorHeart(context, Plan, Address, _sighting, Resources, log, () => post(new MirrorEvent.Tick()));
        }
        catch
        {
            Bandwidth.Dispose();
            Data.DisposeAsync().AsTask().Wait();
            throw;
        }
    }

    public UserConfiguration Configuration { get; }

    public MirrorPlan Plan { get; }

    public MirrorModuleMachine Machine { get; }

    public MirrorAddress Address { get; }

    public MirrorData Data { get; }

    public MirrorHeart Heart { get; }

    public BandwidthMeter Bandwidth { get; }

    public ResourceTable Resources { get; } = new();

    /// <summary>What the administrator should know beside the machine's state; null when all is well.</summary>
    public string? Problem => Address.Problem ?? Data.Status.Problem ?? Heart.Problem(Plan.PeerName, Plan.Signature);

    /// <summary>Lets the heart beat. Whoever hears the events must be ready by now, for what was told once is not told again.</summary>
    public void Begin()
    {
        Data.TellRecord();
        _sighting.OwnChanged(_announcement.FormerRole);
        Heart.Runner.Start();
    }

    /// <summary>Carries out one action; waited for is only what later actions rely on.</summary>
    public async Task DoAsync(MirrorAction action)
    {
        switch (action)
        {
            case MirrorAction.Log log:
                _log.Event("rule", MirrorLogText.Of(log));
                break;
            case MirrorAction.RunScript script:
                _ = RunScriptAsync(script);
                break;
            case MirrorAction.StartCheckers start:
                StartCheckers(start.When);
                break;
            case MirrorAction.StopCheckers stop:
                StopCheckers(stop.When);
                break;
            case MirrorAction.StartLeading lead:
                Data.Lead((LeadOrder)lead.Order);
                break;
            case MirrorAction.StartFollowing follow:
                Data.Follow(follow.Full);
                break;
            case MirrorAction.Promote:
                Data.Promote();
                break;
            case MirrorAction.Detach detach:
                await Data.DetachAsync(detach.Rule);
                break;
            case MirrorAction.DeclareOutdated outdated:
                await Data.DeclareOutdatedAsync(outdated.Rule);
                break;
            case MirrorAction.StopData:
                Data.Stop();
                break;
            case MirrorAction.SetVirtualAddress:
                SetAddress();
                break;
            case MirrorAction.RemoveVirtualAddress:
                RemoveAddress();
                break;
            case MirrorAction.Announce announce:
                _announcement = announce.Announcement;
                _sighting.OwnChanged(_announcement.FormerRole);
                break;
            default:
                throw new InvariantException($"the machine asks for {action.GetType().Name}, which nothing here can do");
        }
    }

    /// <summary>
    /// What the peer is told after a step of the machine: its announcement, and what of the peer's the machine has dealt with.
    /// </summary>
    public void Tell(MirrorPeer dealtWith) => Heart.Runner.Tell(Content(dealtWith));

    /// <summary>The last word before the daemon ends.</summary>
    public Task LeaveAsync(MirrorPeer dealtWith)
    {
        var content = Content(dealtWith);
        return Heart.Runner.LeaveAsync(content with { Marks = content.Marks | HeartMarks.LeftInGoodOrder });
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _checkers.Dispose();
        await _directoryWatch.CancelAsync();
        Bandwidth.Dispose();
        await _addressOrder.CancelAsync();
        await _addressTail;
        await Address.RemoveAsync(Heart.Runner);
        await Data.DisposeAsync();
        Heart.Dispose();
    }

    private HeartContent Content(MirrorPeer dealtWith) => HeartWords.Content(_announcement) with
    {
        EchoIncarnation = _sighting.IncarnationOf(dealtWith),
        EchoNumber = (ulong)dealtWith.Said.Number,
        ConfigurationSignature = Plan.Signature,
        Generation = Plan.Data is null ? default : _record.AsMemory(0, GenerationRecordCodec.Write(Data.Record, _record)).ToArray(),
        Resources = [.. Resources.Snapshot().Select(r => new HeartResource(r.Name, r.Value.ToString().ToLowerInvariant()))],
    };

    /// <summary>
    /// An application that a former daemon left running is stopped by force, as at the end of every stop (reference section 4.3).
    /// </summary>
    public async Task StopLeftoversAsync()
    {
        foreach (var script in new[] { "stop_sec", "stop_prim", "stop_second", "stop_both" })
            await _scripts.RunAsync(script, ["WAIT", "STOP", "stop"], force: true, _end.Token);
    }

    private void StartCheckers(CheckerWhen when)
    {
        StopCheckers(when);
        _checkers.Start(when, c => c.When == when);
        if (when != CheckerWhen.Pre || Plan.Data is not { } data)
            return;
        _directoryWatch = new CancellationTokenSource();
        var watch = new DirectoryWatch(
            data.Directories, () => Data.IsIdle, Resources, r => _post(new MirrorEvent.CheckerChanged(r.Name, r.Value, r.Reason)));
        var stop = _directoryWatch.Token;
        // A disk that does not answer must not stop the module's loop.
        _ = Task.Run(() => watch.RunAsync(stop));
    }

    private void StopCheckers(CheckerWhen when)
    {
        _checkers.Stop(when);
        if (when != CheckerWhen.Pre)
            return;
        _directoryWatch.Cancel();
        Resources.Remove(DirectoryWatch.ResourceName);
    }

    private async Task RunScriptAsync(MirrorAction.RunScript script)
    {
        if (await _scripts.RunAsync(script.Name, script.Arguments, script.Force, _end.Token) is { } outcome)
            _post(MirrorEvent.ScriptEnded.From(outcome));
    }

    private void SetAddress() => QueueAddress(
        cancel => Address.SetAsync(Heart.Runner, Plan.Machine.HeartbeatTimeout, cancel), new MirrorEvent.AddressSet());

    private void RemoveAddress()
    {
        _addressOrder.Cancel();
        QueueAddress(_ => Address.RemoveAsync(Heart.Runner), new MirrorEvent.AddressRemoved());
    }

    private void QueueAddress(Func<CancellationToken, Task> order, MirrorEvent done)
    {
        if (_addressOrder.IsCancellationRequested)
            _addressOrder = new CancellationTokenSource();
        _addressTail = RunAddressAsync(_addressTail, order, done, _addressOrder.Token);
    }

    private async Task RunAddressAsync(Task before, Func<CancellationToken, Task> order, MirrorEvent done, CancellationToken cancel)
    {
        await before;
        await Task.Yield();
        try
        {
            await order(cancel);
            _post(done);
        }
        catch (OperationCanceledException)
        {
            // A later order has taken its place.
        }
        catch (Exception e)
        {
            _log.Critical("vip", e is SafeKitException ? e.Message : e.ToString());
            _post(done);
        }
    }
}
