using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Membership;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// A mirror module's heart on this node: what its thread hears goes to the sighting of the peer, its lease straight to the filter. It
/// beats as long as the module is configured and the daemon runs, so that a stopped module is known as stopped and not as dead.
/// </summary>
public sealed class MirrorHeart : IHeartSink, IDisposable
{
    private static readonly TimeSpan _healthyAtLeast = TimeSpan.FromSeconds(5);
    private readonly ModuleContext _context;
    private readonly ModuleLog _log;
    private readonly MirrorAddress _address;
    private readonly PeerSighting _sighting;
    private readonly ResourceTable _resources;
    private readonly IReadOnlyList<string> _idents;
    private readonly long _healthyNs;
    private readonly Action _resourceChanged;
    private string _remoteState = "";

    /// <param name="resourceChanged">Called on the heart's thread when a resource of the heart has changed.</param>
    /// <exception cref="SafeKitException">A port cannot be opened.</exception>
    public MirrorHeart(
        ModuleContext context,
        MirrorPlan plan,
        MirrorAddress address,
        PeerSighting sighting,
        ResourceTable resources,
        ModuleLog log,
        Action resourceChanged)
    {
        _resourceChanged = resourceChanged;
        _context = context;
        _log = log;
        _address = address;
        _sighting = sighting;
        _resources = resources;
        _idents = plan.HeartbeatIdents;
        var options = plan.Heart with { OnFatal = Fail };
        _healthyNs = MonotonicClock.FromMs(Math.Max((long)_healthyAtLeast.TotalMilliseconds, 3L * options.Settings.Lans.Max(lan => lan.PulseMs)));
        foreach (var ident in _idents)
            SetResource(ident, ResourceValue.Init, "nothing was heard yet");
        Runner = new HeartRunner(options, this);
        sighting.Begin(options.Incarnation);
    }

    public HeartRunner Runner { get; }

    /// <summary>Whether the heart's thread still turns, or has ended by order: it publishes at every pulse.</summary>
    public bool Healthy => Runner.HasEnded || MonotonicClock.NowNs - Runner.Snapshot.TakenNs < _healthyNs;

    /// <summary>What keeps the nodes apart, with the remedy; null when nothing does.</summary>
    public string? Problem(string peerName, ulong configurationSignature)
    {
        var heart = Runner.Snapshot;
        if (heart.AmongForeigners && heart.Contact != HeartContact.Heard)
        {
            return $"{peerName} uses another cluster key: copy {_context.Paths.ClusterKey} from a node that works "
                + "and restart safekitd (or the modules have other numbers there: safekit cluster state)";
        }

        if (heart is { Contact: HeartContact.Heard, Peer: { } peer } && peer.ConfigurationSignature != configurationSignature)
        {
            return $"the configuration differs from that of {peerName} (module or cluster.xml): "
                + "compare with safekit cluster state, make them equal, then safekit config on both";
        }

        return heart.LeaseHeldBack
            ? $"the virtual address waits: {peerName} has it, or has not answered since this node was away"
            : null;
    }

    public void Dispose() => Runner.Dispose();

    void IHeartSink.SetLease(long untilMonotonicNs) => _address.SetLease(untilMonotonicNs);

    void IHeartSink.PeerHeard(HeartContent content, ulong incarnation)
    {
        var said = HeartWords.Announcement(content);
        LogRemoteState(HeartWords.Words(said.State, said.Status));
        _sighting.Heard(content, incarnation);
    }

    void IHeartSink.PeerLost()
    {
        foreach (var ident in _idents.Where(ident => _resources.Get($"heartbeat.{ident}")?.Value == ResourceValue.Init))
            SetResource(ident, ResourceValue.Down, "never heard since the start");
        LogRemoteState("UNKNOWN");
        _sighting.Lost();
    }

    void IHeartSink.LateChanged(bool late) => _sighting.Late(late);

    void IHeartSink.LanChanged(int lan, bool up)
    {
        SetResource(_idents[lan], up ? ResourceValue.Up : ResourceValue.Down, up ? "heard" : "silent for the timeout");
        _resourceChanged();
    }

    void IHeartSink.Log(in MembershipDecision decision) =>
        _log.Event("heart", MembershipText.Named(decision.ToString(), _context.Cluster.Configuration.Nodes));

    private void LogRemoteState(string state)
    {
        if (state == _remoteState)
            return;
        _remoteState = state;
        _log.Event("state", $"Remote state {state}");
        _address.AnnounceAgain();
    }

    private void SetResource(string ident, ResourceValue value, string reason)
    {
        var name = $"heartbeat.{ident}";
        if (_resources.Set(new Resource(name, value, DateTimeOffset.UtcNow, reason)) && value != ResourceValue.Init)
            _log.Event("heart", $"Resource {name} set to {value} by heart: {reason}");
    }

    private void Fail(Exception e)
    {
        _log.Critical("heart", $"the heart's thread cannot go on: {e}");
        _context.Fail($"module {_context.Name}: the heart's thread failed: {e.Message}");
    }
}
