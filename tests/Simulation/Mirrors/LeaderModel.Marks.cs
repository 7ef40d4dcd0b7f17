using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;

namespace SafeKit.Simulation.Mirrors;

/// <summary>What has changed since the other node's last checkpoint, as <c>ChangeRecorder.Marks</c> keeps it: which writes of the list.</summary>
internal sealed partial class LeaderModel
{
    private const int ForgottenOneOf = 7;

    private readonly SortedSet<int> _marked = [];
    private Checkpoint _confirmed;
    private Checkpoint _asked;

    private MarksPosition Marks => new(_confirmed, _asked, null, null, _marked.Count, 0, 0);

    public void OnCheckpointKept(DataConnection connection, Checkpoint kept)
    {
        if (connection != _connection || kept != _asked)
            return;
        Confirm();
        AskLater(connection);
    }

    private void Mark(int index)
    {
        bool isForgotten = _world.Options.DataMistake.HasFlag(DataMistake.ForgetMarks) && index % ForgottenOneOf == 0;
        if (!isForgotten)
            _marked.Add(index);
    }

    /// <summary>Before the change it stands for.</summary>
    private void LogMark(int cell)
    {
        if (Data.Log is not { } log)
            return;
        if (_world.Options.DataMistake.HasFlag(DataMistake.LogAfterChange))
            Node.Later(_world.Ms(20, 400), () => log.Mark(cell));
        else
            log.Mark(cell);
    }

    /// <summary>As <c>ChangeRecorder.Inherit</c>.</summary>
    private void Inherit(Checkpoint older, Checkpoint newer)
    {
        if (_epoch == 0)
            (_epoch, _start, _givenUp) = (_world.NextEpoch(), Data.Writes.Count, "this node has taken over");
        (_confirmed, _asked) = older.IsNone ? (newer, default) : (older, newer);
        DataMistake mistake = _world.Options.DataMistake;
        int first = (int)(mistake.HasFlag(DataMistake.ForgetOlderMarks) ? newer : _confirmed).Sequence;
        for (int i = first; i < Data.Writes.Count; i++)
        {
            if (!mistake.HasFlag(DataMistake.ForgetAppliedMarks) || i % ForgottenOneOf != 0)
                _marked.Add(i);
        }
    }

    private void BeginLogEpoch(Checkpoint asked)
    {
        SimulatedLog log = Data.Log ??= new SimulatedLog(Data.Record.Current);
        log.BeginEpoch(asked);
        if (_world.Options.DataMistake.HasFlag(DataMistake.SettleWithoutOwn))
        {
            log.OwnHas(asked);
            return;
        }

        Node.Later(Node.DiskNs(), () =>
        {
            Data.SyncAll();
            log.OwnHas(asked);
        });
    }

    private void AskLater(DataConnection connection) => Node.Later(_world.Ms(100, 1500), () =>
    {
        if (connection != _connection || !_isPaired || IsLeaving)
            return;
        if (!_asked.IsNone || Data.Log is { IsSettled: false })
        {
            AskLater(connection);
            return;
        }

        Checkpoint asked = Ask();
        FollowerModel follower = _follower!;
        connection.SendToFollower(() => follower.OnCheckpoint(connection, asked));
        _world.Faults.OnCheckpoint(Node);
    });

    /// <summary>The writes so far: their number stands for the operation.</summary>
    private Checkpoint Ask()
    {
        _asked = new Checkpoint(_epoch, (ulong)Data.Writes.Count);
        BeginLogEpoch(_asked);
        return _asked;
    }

    private void Confirm()
    {
        Data.Log?.PeerHas(_asked);
        _confirmed = _asked;
        _asked = default;
        _marked.RemoveWhere(index => index < (int)_confirmed.Sequence);
    }

    private void ResolveCheckpoint(Checkpoint kept)
    {
        if (!_asked.IsNone && kept == _asked)
            Confirm();
        if (!_asked.IsNone)
            Data.Log?.ForgetExpected();
        _asked = default;
        if (kept.IsNone || kept != _confirmed)
            EndMarks();
    }

    private void EndMarks() => (_confirmed, _asked) = (default, default);

    private void BeginMarked(DataConnection connection, ReintegrationDecision decision)
    {
        (_isSurveying, _epoch, _start, _baseEpoch, _baseSequence) = (true, _world.NextEpoch(), Data.Writes.Count, 0, 0);
        _givenUp = "a survey has begun";
        FollowerModel follower = _follower!;
        int[] own = _world.Options.DataMistake.HasFlag(DataMistake.KeepOwnMarks) ? [] : follower.OwnMarks;
        (ulong epoch, int start) = (_epoch, _start);
        connection.SendToFollower(() => follower.OnBegin(connection, decision, epoch, start));
        Node.Later(_world.Ms(5, 200), () =>
        {
            if (connection != _connection)
                return;
            (int, long)[] marked = [.. _marked.Where(index => index < Data.Writes.Count).Select(index => (index, Data.Writes[index]))];
            (int first, int count) = ((int)_confirmed.Sequence, Data.Writes.Count);
            Dictionary<int, long> cells = marked.Select(pair => SimulatedData.CellOf(pair.Item2)).Union(own).ToDictionary(cell => cell, cell => Data.Cells[cell]);
            connection.SendToFollower(() => follower.OnMarked(connection, first, marked, cells, count));
            _sendsLive = true;
            Node.Later(_world.Ms(1, 50), () => BeginPairing(connection));
        });
    }
}
