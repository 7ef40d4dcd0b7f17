using SafeKit.Mirror;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;
using SafeKit.Mirror.Stream;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>The other node connects, is brought up to date, and leaves.</summary>
internal sealed partial class LeaderModel
{
    private const long LeaveLimitNs = 4 * MirrorWorld.Second;

    private FollowerModel? _follower;
    private bool _isSurveying;
    private Action? _afterLeave;
    private ulong _leftAt;

    public void Welcome(FollowerModel follower, Hello hello, Action<ReintegrationDecision?> answer)
    {
        if (_connection is { } old)
        {
            old.CloseAtLeader();
            OnClosed(old);
        }

        var position = new RecorderPosition(_epoch, 1, LastSequence, _baseEpoch, _baseSequence, _givenUp, false) { Marks = Marks };
        ReintegrationDecision decision = ReintegrationPlan.Decide(
            GenerationComparison.Compare(Data.Record, hello.Record), hello, position, _copiesWhole);
        answer(decision);
        if (decision.IsRefused)
            return;
        var connection = new DataConnection(_world, this, follower, MirrorNode.SilenceNs);
        (_connection, _follower) = (connection, follower);
        Node.Post(new MirrorEvent.PeerAttached(decision.Rule));
        ResolveCheckpoint(new Checkpoint(hello.CheckpointEpoch, hello.CheckpointSequence));
        if (decision.Kind is ReintegrationKind.Survey or ReintegrationKind.Full)
            BeginSurvey(connection, decision);
        else if (decision.Kind == ReintegrationKind.Marked)
            BeginMarked(connection, decision);
        else
            CatchUp(connection, decision);
    }

    /// <summary>Unmounts happened; in good order where the other node gets everything.</summary>
    public void Leave(Action done)
    {
        IsLeaving = true;
        _afterLeave = done;
        if (_connection is not { } connection || !_isPaired)
        {
            EndLeave(isOrderly: false);
            return;
        }

        FollowerModel follower = _follower!;
        connection.SendToFollower(() => follower.OnLeave(connection));
        Node.Later(LeaveLimitNs, () => EndLeave(isOrderly: false));
    }

    /// <summary>The connection breaks, and both ends learn of it.</summary>
    public void Reset()
    {
        if (_connection is not { } connection)
            return;
        connection.CloseAtLeader();
        OnClosed(connection);
    }

    /// <summary>The process ends.</summary>
    public void Die(bool silently) => _connection?.Die(Node, silently);

    private void EndLeave(bool isOrderly)
    {
        if (_afterLeave is not { } done)
            return;
        _afterLeave = null;
        if (isOrderly && _leftAt == LastSequence)
        {
            Node.TryWrite(WithoutPosition(Data.Record) with
            {
                Standing = DataStanding.Paired,
                Epoch = _epoch,
                AppliedSequence = LastSequence,
            });
            (_baseEpoch, _baseSequence, _epoch, _start) = (_epoch, LastSequence, _world.NextEpoch(), Data.Writes.Count);
        }

        if (_epoch != 0 && _givenUp is null)
            Data.Marker = new(Data.Record.Current, _epoch, _start, _baseEpoch, _baseSequence, Data.Writes.Count);
        _connection?.CloseAtLeader();
        _connection = null;
        Data.SyncAll();
        done();
    }

    private void CatchUp(DataConnection connection, ReintegrationDecision decision)
    {
        FollowerModel follower = _follower!;
        (ulong epoch, int start) = (_epoch, _start);
        connection.SendToFollower(() => follower.OnBegin(connection, decision, epoch, start));
        Node.Later(_world.Ms(1, 100), () =>
        {
            if (connection != _connection)
                return;
            for (int i = start + (int)decision.FirstSequence - 1; i < Data.Writes.Count; i++)
                Send(Data.Writes[i], i + 1);
            _sendsLive = true;
            BeginPairing(connection);
        });
    }

    private void BeginSurvey(DataConnection connection, ReintegrationDecision decision)
    {
        (_isSurveying, _epoch, _start, _baseEpoch, _baseSequence) = (true, _world.NextEpoch(), Data.Writes.Count, 0, 0);
        _givenUp = "a survey has begun";
        EndMarks();
        FollowerModel follower = _follower!;
        (ulong epoch, int start) = (_epoch, _start);
        connection.SendToFollower(() => follower.OnBegin(connection, decision, epoch, start));
        long[]? early = _world.Options.DataMistake.HasFlag(DataMistake.SurveyMissesWrites) ? [.. Data.Writes] : null;
        Node.Later(_world.Ms(20, 600), () =>
        {
            if (connection != _connection)
                return;
            long[] snapshot = early ?? [.. Data.Writes];
            long[] cells = [.. Data.Cells];
            int count = Data.Writes.Count;
            connection.SendToFollower(() => follower.OnSnapshot(connection, snapshot, cells, count));
            _sendsLive = true;
            Node.Later(_world.Ms(1, 50), () => BeginPairing(connection));
        });
    }

    /// <summary>First waiting, then the record, then the other node is told: as in <c>LeaderData.BeginPairing</c>.</summary>
    private void BeginPairing(DataConnection connection)
    {
        if (connection != _connection || IsLeaving)
            return;
        DataMistake mistake = _world.Options.DataMistake;
        GenerationRecord paired = WithoutPosition(Data.Record) with { Standing = DataStanding.Paired };
        Data.Marker = null;
        if (!Node.TryWrite(mistake.HasFlag(DataMistake.AloneWhilePairing) ? Data.Record : paired))
        {
            connection.CloseAtLeader();
            OnClosed(connection);
            return;
        }

        if (!mistake.HasFlag(DataMistake.WaitFromConfirmation))
            (_wait, _isHeld) = (LeaderWait.Acknowledgement, true);
        _received = 0;
        _isChapterPending = false;
        _isSurveying = false;
        FollowerModel follower = _follower!;
        long[] writes = [.. Data.Writes];
        long[] cells = [.. Data.Cells];
        Checkpoint asked = Ask();
        connection.SendToFollower(() => follower.OnEnd(connection, paired with { WasPrimary = false }, writes, cells, asked));
        _world.Faults.OnPairing(Node);
    }

    public void OnPeerUpToDate(DataConnection connection, int count)
    {
        if (connection != _connection)
            return;
        (_isPaired, _isHeld, _wait, _copiesWhole) = (true, false, LeaderWait.Acknowledgement, false);
        if (_world.Options.DataMistake.HasFlag(DataMistake.AloneWhilePairing))
            Node.TryWrite(Data.Record with { Standing = DataStanding.Paired });
        _received = Math.Max(_received, count);
        _givenUp = null;
        Confirm();
        AskLater(connection);
        Node.Post(new MirrorEvent.PeerUpToDate());
        ReleaseReceived();
    }

    public void OnReceived(DataConnection connection, int count)
    {
        if (!_world.Options.DataMistake.HasFlag(DataMistake.AcknowledgeWhenSent))
            OnAcknowledged(connection, count);
    }

    /// <summary>The secondary leaves in good order, or answers this node's own goodbye.</summary>
    public void OnPeerLeaving(DataConnection connection, ulong applied, int count)
    {
        if (connection != _connection)
            return;
        OnAcknowledged(connection, count);
        _leftAt = applied;
        if (IsLeaving)
        {
            EndLeave(isOrderly: true);
            return;
        }

        if (_isPaired && applied == LastSequence)
        {
            (_baseEpoch, _baseSequence, _epoch, _start) = (_epoch, LastSequence, _world.NextEpoch(), Data.Writes.Count);
            _wait = LeaderWait.Decision;
        }

        connection.CloseAtLeader();
        Lose(connection, orderly: true);
    }
}
