using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>A connection that the primary has accepted, and how it ends.</summary>
public sealed partial class Follower
{
    private TimeSpan? Follow(Socket socket, ReplicationStream stream, Hello hello, HelloAnswer answer)
    {
        string? mistake = Begin(hello, answer);
        if (mistake is not null)
        {
            stream.Dispose();
            throw new SafeKitException($"{mistake}; both nodes must run the same version");
        }

        _lossIsTold = false;
        _lastRefusal = "";
        _connecting.Reset();
        _events.Log(Origin, $"connected to {_settings.PeerName}: {answer.Rule} ({answer.Kind})", critical: false);
        using var session = new FollowerSession(socket, stream, _state, answer);
        _state.Session = session;
        try
        {
            // An order that came before the session was there to be cut must not wait for the primary.
            if (_order != FollowerOrder.None)
                session.Cut();
            if (_state.LateFailure is { } late)
                session.LoseSync(late);
            if (answer.Kind == ReintegrationKind.Marked && hello.HasOwnMarks)
                SendOwnMarks(session);
            SessionEnd end = session.Run();
            if (session.HasReintegrated)
                _applying.Reset();
            return Conclude(session, end);
        }
        finally
        {
            _state.Session = null;
            _state.Verification?.TrySetException(new SafeKitException("the connection ended before the comparison was done"));
        }
    }

    /// <summary>Before anything is applied. A connection that ends meanwhile is noticed by whoever reads.</summary>
    private void SendOwnMarks(FollowerSession session)
    {
        IReadOnlyList<MarkRecord> marks = _state.OwnMarks?.Marks ?? [];
        foreach (MarkRecord mark in marks)
        {
            var answer = new AnswerHeader
            {
                Kind = AnswerKind.OwnMark,
                Tree = mark.Tree,
                First = mark.Start,
                Second = mark.End,
                Third = (long)mark.Kind,
            };
            if (!session.TrySend(answer, Convert.ToBase64String(mark.Path)))
                return;
        }

        session.TrySend(new AnswerHeader { Kind = AnswerKind.OwnMarksEnd, First = marks.Count });
    }

    /// <summary>Prepares for the operations that follow; null, or what makes no sense.</summary>
    private string? Begin(Hello hello, HelloAnswer answer)
    {
        bool keeps = answer.KeepsMap;
        if (answer.FirstSequence == 0 || answer.Epoch == 0)
            return "the primary begins with no operation";
        if (keeps && (hello.MapEpoch == 0 || answer.Epoch != hello.MapEpoch))
            return "the primary goes on in an epoch that this node does not know";
        if (keeps && answer.Kind == ReintegrationKind.None && answer.FirstSequence != _state.Replayer.Applied + 1)
            return $"the primary goes on at operation {answer.FirstSequence}, this node is at {_state.Replayer.Applied}";
        if (!keeps)
            _state.ForgetMap();
        _state.MapEpoch = answer.Epoch;
        _state.Replayer.Begin(answer.FirstSequence, answer.Kind);
        _state.ForgetVerification();
        _state.BeginReintegration(answer.Kind, answer.Rule);
        return null;
    }

    private TimeSpan? Conclude(FollowerSession session, SessionEnd end)
    {
        switch (end)
        {
            case SessionEnd.ApplyFailed:
                return ConcludeFailure(session);
            case SessionEnd.PrimaryLeft:
                PartInGoodOrder(session);
                if (_order == FollowerOrder.None)
                    TellLoss($"{_settings.PeerName} stopped in good order", orderly: true);
                return _connecting.Next();
            case SessionEnd.Wanted when _order == FollowerOrder.Leave:
                PartInGoodOrder(session);
                return TimeSpan.Zero;
            case SessionEnd.Wanted when _order == FollowerOrder.None:
                // Declared outdated: the primary may be about to hear so.
                return _connecting.Next();
            case SessionEnd.Wanted:
                return TimeSpan.Zero;
            default:
                TellLoss(session.Reason, orderly: false);
                return _connecting.Next();
        }
    }

    private TimeSpan? ConcludeFailure(FollowerSession session)
    {
        bool isHalf = session.Failure is not ReplayException { IsProtocolError: false, MeansOtherTree: false }
            || session.HasLostSync
            || _state.Replayer.IsHalfApplied;
        if (!isHalf)
            _state.Replayer.Settle();
        string remedy = DiskRemedy.Of((session.Failure as ReplayException)?.Errno ?? 0) is { } known ? $"; {known}" : "";
        _state.Problem = $"an operation of the primary cannot be applied here, and is tried again: {session.Reason}{remedy}";
        _events.Log(Origin, _state.Problem, critical: true);
        ForgetAndRecord(isHalf);
        TellLoss(session.Reason, orderly: false);
        return _applying.Next();
    }

    private void ForgetAndRecord(bool isHalf)
    {
        if (isHalf)
            _state.ForgetMap();
        try
        {
            _state.RecordFailure(isHalf);
        }
        catch (SafeKitException e)
        {
            _events.Failed(e.Message);
        }
    }

    /// <summary>Whoever of the two leaves: this node has everything, and says so when the disk has it.</summary>
    private void PartInGoodOrder(FollowerSession session)
    {
        _state.Replayer.SyncAll();
        _state.RecordPosition();
        session.TrySend(new AnswerHeader { Kind = AnswerKind.Leaving, First = (long)_state.Replayer.Applied });
    }

    /// <summary>The connection is closed, and everything received is applied. False where following goes on.</summary>
    private bool FinishOrder()
    {
        TaskCompletionSource<FollowerPosition> ended = _ended;
        try
        {
            switch (_order)
            {
                case FollowerOrder.Promote when !_state.IsPaired:
                    Resume();
                    ended.TrySetException(new SafeKitException("what was received could not be applied: this node cannot take over"));
                    return false;
                case FollowerOrder.Promote:
                    _state.GiveRecordAway();
                    _background = Task.Run(SyncInBackground);
                    break;
                case FollowerOrder.Leave:
                    _state.Replayer.SyncAll();
                    _state.RecordPosition();
                    break;
            }

            ended.TrySetResult(new FollowerPosition(_state.MapEpoch, _state.MapEpoch == 0 ? 0 : _state.Replayer.Applied));
        }
        catch (Exception e) when (e is SafeKitException or ReplayException)
        {
            ended.TrySetException(new SafeKitException($"the last changes may not be on the disk: {e.Message}", e));
        }

        return true;
    }

    private void Resume()
    {
        _ended = new TaskCompletionSource<FollowerPosition>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ordered = new CancellationTokenSource();
        _order = FollowerOrder.None;
    }

    private void SyncInBackground()
    {
        try
        {
            _state.Replayer.SyncAll();
        }
        catch (ReplayException e)
        {
            _events.Failed(e.Message);
        }
    }
}
