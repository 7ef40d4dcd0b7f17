using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>Heartbeats, what they tell about the other node, and the lease of the virtual address that rests on them.</summary>
internal sealed partial class MirrorNode
{
    private const long PulseNs = 250 * MirrorWorld.Millisecond;
    private const long TimeoutNs = 3 * MirrorWorld.Second;

    private Heartbeat? _heard;
    private long _heardNs;
    private long _heardSentNs;
    private long _bootNs;
    private long _beatNs;
    private long _lateUntilNs;
    private long _sequence;
    private MirrorPeer _peer = new();

    /// <summary>Until when the filter of this node answers for the virtual address; it does not ask the process.</summary>
    public long LeaseEndNs { get; private set; }

    private void StartHeart()
    {
        (_heard, _heardNs, _heardSentNs, _sequence, _lateUntilNs) = (null, 0, 0, 0, 0);
        (_bootNs, _beatNs) = (World.NowNs, World.NowNs);
        _peer = new MirrorPeer { Name = World.Other(this).Name };
        _runsApplication = false;
        Pulse();
    }

    private void Pulse()
    {
        if (World.NowNs - _beatNs > TimeoutNs / 4)
            _lateUntilNs = World.NowNs + TimeoutNs;
        _beatNs = World.NowNs;
        Beat();
        UpdatePeer();
        RenewLease();
        Later(PulseNs, Pulse);
    }

    private void Beat()
    {
        var heartbeat = new Heartbeat(
            _life, ++_sequence, _state.Announced, Data.Record, World.NowNs, _heard?.Life ?? 0, _heard?.Said.Number ?? 0, _heard?.SentNs ?? 0);
        MirrorNode other = World.Other(this);
        World.At(World.NetworkDelayNs(), () =>
        {
            if (!World.IsCut(this) && !other.IsFrozen && !World.Random.Chance(World.LossRate))
                other.Later(0, () => other.Hear(heartbeat));
        });
    }

    private void Hear(Heartbeat heartbeat)
    {
        if (_heard is { } last && (heartbeat.Life < last.Life || (heartbeat.Life == last.Life && heartbeat.Sequence < last.Sequence)))
            return;
        (_heard, _heardNs) = (heartbeat, World.NowNs);
        if (heartbeat.EchoLife == _life && !heartbeat.Said.Leads)
            _heardSentNs = Math.Max(_heardSentNs, heartbeat.EchoSentNs);
        UpdatePeer();
        RenewLease();
    }

    private void UpdatePeer()
    {
        MirrorPeer peer = See();
        if (peer == _peer)
            return;
        _peer = peer;
        Step(new MirrorEvent.PeerChanged(peer));
    }

    private MirrorPeer See()
    {
        long sinceNs = World.NowNs - (_heard is null ? _bootNs : _heardNs);
        MirrorPresence presence = sinceNs >= TimeoutNs ? MirrorPresence.Lost : _heard is null ? MirrorPresence.Unknown : MirrorPresence.Heard;
        string name = World.Other(this).Name;
        if (_heard is not { } heard)
            return new MirrorPeer { Name = name, Presence = presence, Late = World.NowNs < _lateUntilNs, Verdict = Judge(name, MirrorPresence.Lost, null) };
        GenerationRelation relation = GenerationComparison.Compare(Data.Record, heard.Record).Relation;
        bool bothLead = heard.Said.Leads && Leads;
        return new MirrorPeer
        {
            Name = name,
            Presence = presence,
            Late = World.NowNs < _lateUntilNs,
            Said = heard.Said,
            Echo = heard.EchoLife == _life ? heard.EchoNumber : 0,
            HasNewerData = relation is GenerationRelation.PeerIsNewer or GenerationRelation.Diverged
                or GenerationRelation.Unrelated or GenerationRelation.OwnUnusable,
            Verdict = Judge(name, presence, heard),
            Meeting = bothLead ? Meet(name, heard) : null,
        };
    }

    private MirrorVerdict Judge(string name, MirrorPresence presence, Heartbeat? heard)
    {
        PeerActivity activity = (presence, heard?.Said) switch
        {
            (not MirrorPresence.Heard, _) or (_, null) => PeerActivity.Silent,
            (_, { State: MirrorState.Alone }) => PeerActivity.Alone,
            (_, { State: MirrorState.Prim }) => PeerActivity.Prim,
            (_, { State: MirrorState.Second }) => PeerActivity.Second,
            (_, { State: MirrorState.Wait, Status: ModuleStatus.Transient }) => PeerActivity.Wait,
            _ => PeerActivity.Stop,
        };
        return Word(LeadDecision.Decide(Name, Data.Record, new PeerSight(name, activity, presence == MirrorPresence.Heard ? heard?.Record : null)));
    }

    private MirrorVerdict Meet(string name, Heartbeat heard) => Word(LeadDecision.DecideMeeting(
        Name, Data.Record, (FormerRole)_state.Announced.FormerRole, name, heard.Record, (FormerRole)heard.Said.FormerRole));

    private static MirrorVerdict Word(LeadVerdict verdict) => new((MirrorChoice)verdict.Action, verdict.Rule, verdict.Remedy);

    private void RenewLease()
    {
        long endNs = MirrorAddressLease.EndNs(_machine.Settings, _state, _heardSentNs, World.NowNs);
        if (endNs <= LeaseEndNs)
            return;
        LeaseEndNs = endNs;
        if (endNs > World.NowNs)
            World.Checks.OnLease(this);
    }

    private sealed record Heartbeat(
        int Life,
        long Sequence,
        MirrorAnnouncement Said,
        GenerationRecord Record,
        long SentNs,
        int EchoLife,
        long EchoNumber,
        long EchoSentNs);
}
