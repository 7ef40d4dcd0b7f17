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

    private void AskLater(DataConnection connection) => Node.Later(_world.Ms(100, 1500), () =>
    {
        if (connection != _connection || !_isPaired || !_asked.IsNone || IsLeaving)
            return;
        Checkpoint asked = Ask();
        FollowerModel follower = _follower!;
        connection.SendToFollower(() => follower.OnCheckpoint(connection, asked));
    });

    /// <summary>The writes so far: their number stands for the operation.</summary>
    private Checkpoint Ask() => _asked = new Checkpoint(_epoch, (ulong)Data.Writes.Count);

    private void Confirm()
    {
        _confirmed = _asked;
        _asked = default;
        _marked.RemoveWhere(index => index < (int)_confirmed.Sequence);
    }

    private void ResolveCheckpoint(Checkpoint kept)
    {
        if (!_asked.IsNone && kept == _asked)
            Confirm();
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
        (ulong epoch, int start) = (_epoch, _start);
        connection.SendToFollower(() => follower.OnBegin(connection, decision, epoch, start));
        Node.Later(_world.Ms(5, 200), () =>
        {
            if (connection != _connection)
                return;
            (int, long)[] marked = [.. _marked.Where(index => index < Data.Writes.Count).Select(index => (index, Data.Writes[index]))];
            (int first, int count) = ((int)_confirmed.Sequence, Data.Writes.Count);
            connection.SendToFollower(() => follower.OnMarked(connection, first, marked, count));
            _sendsLive = true;
            Node.Later(_world.Ms(1, 50), () => BeginPairing(connection));
        });
    }
}
