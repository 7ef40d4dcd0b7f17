using SafeKit.Mirror;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;
using SafeKit.Mirror.Stream;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>What a secondary does with its data, as <c>src/Mirror/Stream/Follower</c> does it.</summary>
internal sealed class FollowerModel
{
    private const string Directories = "same";

    private readonly MirrorWorld _world;
    private readonly Queue<Action> _received = [];
    private DataConnection? _connection;
    private ulong _mapEpoch;
    private int _mapStart;
    private Checkpoint _older;
    private Checkpoint _newer;
    private bool _isFull;
    private bool _lossIsTold;
    private bool _isEnded;
    private bool _applies;
    private int _attempt;

    public FollowerModel(MirrorNode node, bool isFull)
    {
        Node = node;
        _world = node.World;
        _isFull = isFull;
        if (_world.Options.DataMistake.HasFlag(DataMistake.TrustCrashedFollower))
            (_mapEpoch, _mapStart) = (node.LastMap.Epoch, node.LastMap.Start);
        Data.Marker = null;
        ConnectIn(_world.Ms(1, 50));
    }

    public MirrorNode Node { get; }

    private SimulatedData Data => Node.Data;

    private bool IsPaired => Data.Record.Standing == DataStanding.Paired;

    private bool IsConnected => _connection is { IsOpenAtFollower: true };

    private int Applied => _world.Options.DataMistake.HasFlag(DataMistake.TrustCrashedFollower) ? Node.LastMap.Count : Data.Writes.Count;

    /// <summary>The process ends.</summary>
    public void Die(bool silently)
    {
        _isEnded = true;
        _connection?.Die(Node, silently);
    }

    /// <summary>Nothing of the primary is accepted any more, what was received is applied. Null: this node leads; else why not.</summary>
    public string? Promote()
    {
        _connection?.CloseAtFollower();
        if (_world.Options.DataMistake.HasFlag(DataMistake.PromoteWithoutApplying))
            _received.Clear();
        ApplyAll();
        if (!IsPaired)
        {
            Lose();
            return "this node's data is not up to date";
        }

        _isEnded = true;
        RecordPosition();
        return null;
    }

    public void DeclareOutdated(Action done)
    {
        if (_connection is { } connection)
        {
            connection.CloseAtFollower();
            Lose();
        }

        if (!IsPaired || Node.TryWrite(Data.Record with { Standing = DataStanding.Outdated, Epoch = 0, AppliedSequence = 0 }))
            done();
    }

    public void Leave(Action done)
    {
        _isEnded = true;
        int claimed = _world.Options.DataMistake.HasFlag(DataMistake.PositionOfAnyLeave) ? _received.Count : 0;
        if (claimed == 0)
            ApplyAll();
        Data.SyncAll();
        ulong applied = RecordPosition(claimed);
        int count = Data.Writes.Count;
        if (_connection is { } connection && IsConnected)
        {
            LeaderModel leader = connection.Leader;
            connection.SendToLeader(() => leader.OnPeerLeaving(connection, applied, count));
        }

        done();
    }

    /// <summary>What this node's disk says that it has changed as primary, where that counts.</summary>
    public int[] OwnMarks => UsableLog is { } log ? [.. Readable(log)] : [];

    /// <summary>Since which checkpoints it is known what was changed here; as <c>AppliedMarks</c>.</summary>
    public (Checkpoint Older, Checkpoint Newer) AppliedSince => (_older, _newer);

    private bool TrustsDamage => _world.Options.DataMistake.HasFlag(DataMistake.TrustDamagedLog);

    private SimulatedLog? UsableLog => Data.Checkpoint.IsNone && Data.Log is { } log && log.Chapter == Data.Record.Current
        && (!log.IsDamaged || TrustsDamage) ? log : null;

    public void OnBegin(DataConnection connection, ReintegrationDecision decision, ulong epoch, int start)
    {
        if (!decision.KeepsMap)
            (_older, _newer) = (default, default);
        if (decision.Kind != ReintegrationKind.Marked)
            Data.Log = null;
        _lossIsTold = false;
        (_mapEpoch, _mapStart) = (epoch, start);
        if (decision.Kind is ReintegrationKind.Survey or ReintegrationKind.Full)
            Data.Checkpoint = default;
        GenerationRecord record = Data.Record with { Epoch = 0, AppliedSequence = 0, WasPrimary = false };
        if (decision.Kind != ReintegrationKind.None)
            record = record with { Standing = DataStanding.Inconsistent };
        if (record != Data.Record && !Node.TryWrite(record))
            connection.CloseAtFollower();
    }

    public void OnWrite(DataConnection connection, long write, int count)
    {
        Acknowledge(connection, count);
        Receive(() =>
        {
            Data.Append(write);
            Node.LastMap = (_mapEpoch, _mapStart, count);
        });
    }

    public void OnSnapshot(DataConnection connection, long[] writes, long[] cells, int count)
    {
        Acknowledge(connection, count);
        Receive(() =>
        {
            Data.Replace(writes);
            cells.CopyTo(Data.Cells, 0);
            Node.LastMap = (_mapEpoch, _mapStart, count);
        });
    }

    /// <summary>Only what is marked is compared: the rest stays as it is here.</summary>
    public void OnMarked(DataConnection connection, int first, (int Index, long Write)[] marked, Dictionary<int, long> cells, int count)
    {
        Acknowledge(connection, count);
        Receive(() =>
        {
            Dictionary<int, long> changed = marked.ToDictionary(pair => pair.Index, pair => pair.Write);
            var writes = new List<long>();
            for (int i = 0; i < count; i++)
            {
                if (changed.TryGetValue(i, out long write))
                    writes.Add(write);
                else if (i < Data.Writes.Count)
                    writes.Add(Data.Writes[i]);
            }

            Data.Amend(first, writes);
            foreach ((int cell, long write) in cells)
                Data.Cells[cell] = write;
            Node.LastMap = (_mapEpoch, _mapStart, count);
        });
    }

    public void OnCheckpoint(DataConnection connection, Checkpoint asked) => Receive(() =>
    {
        if (!connection.IsOpenAtFollower)
            return;
        if (!_world.Options.DataMistake.HasFlag(DataMistake.CheckpointBeforeDurable))
            Data.SyncAll();
        Data.Checkpoint = asked;
        if (!_newer.IsNone)
            (_older, _newer) = (_newer, asked);
        LeaderModel leader = connection.Leader;
        connection.SendToLeader(() => leader.OnCheckpointKept(connection, asked));
    });

    public void OnEnd(DataConnection connection, GenerationRecord record, long[] writes, long[] cells, Checkpoint checkpoint) => Receive(() =>
    {
        Data.SyncAll();
        if (!connection.IsOpenAtFollower)
            return;
        int count = writes.Length;
        _world.Checks.OnPaired(connection.Leader.Node, Node, writes, cells);
        Data.Checkpoint = checkpoint;
        Data.Log = null;
        (_older, _newer) = (_older.IsNone ? _newer : _older, checkpoint);
        if (!Node.TryWrite(record with { Epoch = 0, AppliedSequence = 0 }))
            return;
        _isFull = false;
        LeaderModel leader = connection.Leader;
        connection.SendToLeader(() => leader.OnPeerUpToDate(connection, count));
        Node.Post(new MirrorEvent.FollowerUpToDate());
    });

    public void OnLeave(DataConnection connection)
    {
        ApplyAll();
        Data.SyncAll();
        ulong applied = RecordPosition();
        LeaderModel leader = connection.Leader;
        int count = Data.Writes.Count;
        connection.SendToLeader(() => leader.OnPeerLeaving(connection, applied, count));
        connection.CloseAtFollower();
        Lose(isOrderly: true);
    }

    public void OnClosed(DataConnection connection)
    {
        if (connection == _connection)
            Lose();
    }

    /// <summary>Read in spite of damage, some is missing.</summary>
    private static IEnumerable<int> Readable(SimulatedLog log) => log.IsDamaged ? log.Cells.OrderDescending().Skip(1) : log.Cells;

    private void ConnectIn(long delayNs)
    {
        int attempt = ++_attempt;
        Node.Later(delayNs, () =>
        {
            if (attempt == _attempt)
                Connect();
        });
    }

    private void Connect()
    {
        if (_isEnded || IsConnected)
            return;
        ApplyAll();
        MirrorNode peer = _world.Other(Node);
        Checkpoint kept = UsableLog?.Base ?? Data.Checkpoint;
        var hello = new Hello(
            Hello.ProtocolVersion, "m", Node.Name, Directories, _isFull, Data.Record, _mapEpoch, _mapEpoch == 0 ? 0 : (ulong)Math.Max(0, Applied - _mapStart),
            kept.Epoch, kept.Sequence, UsableLog is not null);
        bool isAnswered = false;
        if (!_world.IsCut(Node) && !_world.IsCut(peer))
            _world.At(_world.NetworkDelayNs(), () => peer.Later(0, () => Ask(peer, hello, () => isAnswered = true)));
        int attempt = ++_attempt;
        Node.Later(_world.Ms(300, 500), () =>
        {
            if (_isEnded || IsConnected || attempt != _attempt)
                return;
            if (!isAnswered)
                Tell(isOrderly: false);
            Connect();
        });
    }

    /// <summary>On the other node.</summary>
    private void Ask(MirrorNode peer, Hello hello, Action answered)
    {
        if (peer.Leader is not { IsLeaving: false } leader || _isEnded || IsConnected)
            return;
        answered();
        leader.Welcome(this, hello, decision =>
        {
            if (decision is { IsRefused: true })
                _world.At(_world.NetworkDelayNs(), () => Node.Later(0, () => Refuse(decision)));
        });
    }

    private void Refuse(ReintegrationDecision decision)
    {
        if (!_isEnded && !IsConnected)
            Node.Post(new MirrorEvent.FollowerRefused(decision.Rule, decision.Remedy));
    }

    public void Attach(DataConnection connection) => _connection = connection;

    private static void Acknowledge(DataConnection connection, int count)
    {
        LeaderModel leader = connection.Leader;
        connection.SendToLeader(() => leader.OnReceived(connection, count));
    }

    private void Receive(Action apply)
    {
        if (_isEnded)
            return;
        _received.Enqueue(apply);
        if (_applies)
            return;
        _applies = true;
        Node.Later(_world.Ms(0, _world.Options.ApplyMsMax) + Node.DiskNs(), ApplyAll);
    }

    private void ApplyAll()
    {
        _applies = false;
        while (_received.TryDequeue(out Action? apply))
            apply();
    }

    /// <summary>Everything applied is on the disk.</summary>
    private ulong RecordPosition(int claimed = 0)
    {
        if (_mapEpoch == 0 || !GenerationComparison.IsUsable(Data.Record))
            return 0;
        var applied = (ulong)Math.Max(0, Applied + claimed - _mapStart);
        Data.SyncAll();
        Node.TryWrite(Data.Record with { Epoch = _mapEpoch, AppliedSequence = applied });
        return applied;
    }

    private void Lose(bool isOrderly = false)
    {
        _connection = null;
        Tell(isOrderly);
        ConnectIn(_world.Ms(50, 300));
    }

    private void Tell(bool isOrderly)
    {
        if (_lossIsTold || _isEnded)
            return;
        _lossIsTold = true;
        Node.Post(new MirrorEvent.PrimaryLost(isOrderly, IsPaired));
    }
}
