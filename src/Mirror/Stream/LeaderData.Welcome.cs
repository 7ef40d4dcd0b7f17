using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;

namespace SafeKit.Mirror.Stream;

/// <summary>The other node connects, is brought up to date, and is lost.</summary>
public sealed partial class LeaderData
{
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(5);

    private Survey? _survey;
    private ProgressMeter? _progress;

    private async Task WelcomeAsync(ReplicationStream stream, Hello hello, CancellationToken cancel)
    {
        await _welcoming.WaitAsync(cancel);
        try
        {
            if (HelloExchange.Refusal(hello, _settings, _store.Current) is { } refusal)
            {
                await RefuseAsync(stream, refusal, cancel);
                return;
            }

            // It would not connect anew if it did not know the old connection to be dead.
            if (_session is { } old)
            {
                old.Abort($"{_settings.PeerName} has connected anew");
                await old.Ended.WaitAsync(cancel);
            }

            await AttachAsync(stream, hello, cancel);
        }
        finally
        {
            _welcoming.Release();
        }
    }

    private async Task RefuseAsync(ReplicationStream stream, HelloAnswer refusal, CancellationToken cancel)
    {
        _events.Log(Origin, $"{_settings.PeerName} is refused: {refusal.Rule}. {refusal.Remedy}", critical: true);
        await HelloExchange.AnswerAsync(stream, refusal, _answerLimit, cancel);
        await stream.DisposeAsync();
    }

    private async Task AttachAsync(ReplicationStream stream, Hello hello, CancellationToken cancel)
    {
        GenerationRecord own = _store.Current;
        GenerationVerdict verdict = GenerationComparison.Compare(own, hello.Record);
        ReintegrationDecision decision = ReintegrationPlan.Decide(verdict, hello, TrustedPosition, _copiesWhole);
        if (decision.IsRefused)
        {
            await RefuseAsync(stream, new(false, true, decision.Rule, decision.Remedy, ReintegrationKind.None, own, 0, false, 0), cancel);
            return;
        }

        var marks = new OwnMarksReception(hello.HasOwnMarks);
        LeaderSession session = Begin(stream, new Checkpoint(hello.CheckpointEpoch, hello.CheckpointSequence), marks, ref decision);
        var answer = new HelloAnswer(true, false, decision.Rule, "", decision.Kind, own, Own.Epoch, decision.KeepsMap, decision.FirstSequence);
        try
        {
            await HelloExchange.AnswerAsync(stream, answer, _answerLimit, cancel);
            _events.PeerAttached(decision.Rule, decision.Kind);
        }
        catch (Exception e)
        {
            // Whatever it was: the session is started, so that it ends in its own way, and the recorder with it.
            session.Abort(e.Message);
        }

        ReintegrationDecision begun = decision;
        session.Start(() => Reintegrate(session, begun));
    }

    /// <summary>What this node's disk did not keep is marked nowhere.</summary>
    private RecorderPosition TrustedPosition =>
        Volatile.Read(ref _hasLostOnDisk) ? Own.Position with { Marks = default } : Own.Position;

    private LeaderSession Begin(ReplicationStream stream, Checkpoint kept, OwnMarksReception marks, ref ReintegrationDecision decision)
    {
        lock (_transition)
        {
            Own.ResolveCheckpoint(kept);
            if (decision.Kind == ReintegrationKind.Marked && !Own.TryBeginMarkedSurvey())
                decision = decision with { Kind = ReintegrationKind.Survey, Rule = "the marks were given up" };

            // Something may have changed since it was decided that nothing is missing.
            if (decision.Kind == ReintegrationKind.None && !Own.TryBeginLive(decision.FirstSequence))
                decision = decision with { Kind = ReintegrationKind.Changes };
            if (decision.Kind is ReintegrationKind.Survey or ReintegrationKind.Full)
                Own.BeginSurvey();
            else if (decision.Kind == ReintegrationKind.Changes)
                Own.BeginCatchUp(decision.FirstSequence);
            _progress = new ProgressMeter(decision.Kind, decision.Rule);
            _ownMarks = marks;
            _session = new LeaderSession(stream, _settings, Own, Handle, Lose, AskForCheckpoint);
            return _session;
        }
    }

    /// <summary>The thread of a reintegration.</summary>
    private void Reintegrate(LeaderSession session, ReintegrationDecision decision)
    {
        using var context = new ReintegrationContext(_settings, Own, _trees, _progress!, session.Cancel);
        try
        {
            EnsureLog();
            if (decision.Kind is ReintegrationKind.Survey or ReintegrationKind.Full or ReintegrationKind.Marked)
            {
                SurveyAll(session, context, decision.Kind);
                return;
            }

            if (decision.Kind == ReintegrationKind.Changes)
                new JournalReintegration(context).Run();
            BeginPairing(session, () => true);
        }
        catch (OperationCanceledException)
        {
            // The session says why it ended.
        }
        catch (Exception e)
        {
            session.Abort($"the reintegration failed: {e.Message}");
        }
    }

    private void SurveyAll(LeaderSession session, ReintegrationContext context, ReintegrationKind kind)
    {
        if (kind == ReintegrationKind.Marked)
            TakeOwnMarks(context);
        var survey = new Survey(context, OperationFlags.Reintegration, kind == ReintegrationKind.Full, kind == ReintegrationKind.Marked);
        Volatile.Write(ref _survey, survey);
        Own.SurveyMore = survey.Find;
        Own.SurveyMarked = survey.FindMarked;
        try
        {
            survey.Run();
            while (!BeginPairing(session, () => survey.IsComplete))
                survey.Continue();
        }
        finally
        {
            Own.SurveyMore = null;
            Own.SurveyMarked = null;
            Volatile.Write(ref _survey, null);
        }
    }

    /// <summary>See <see cref="LeaderData"/> for the order, and why it is this one.</summary>
    private bool BeginPairing(LeaderSession session, Func<bool> isComplete)
    {
        lock (_transition)
        {
            session.Cancel.ThrowIfCancellationRequested();
            OwnLog();
            if (!Own.BeginPairing(isComplete))
                return false;
            GenerationRecord paired = WithoutPosition(_store.Current) with { Standing = DataStanding.Paired };
            Journal.RemoveMarker(_settings.StateFolder);
            _store.Write(paired);

            // A change from here on is a change of both nodes: it begins no chapter.
            Own.ChapterBegun();
            SyncOwnDisk(Own.AppendEnd(GenerationRecordJson.Write(paired with { WasPrimary = false, Epoch = Own.Epoch })));
            return true;
        }
    }

    /// <summary>The session has ended, and its threads with it.</summary>
    private void Lose(LeaderSession session)
    {
        bool wasPaired;
        lock (_transition)
        {
            wasPaired = Own.MakesWait;
            _session = null;
            _progress = null;
            EndVerification(session.Reason ?? "");
            try
            {
                Own.LosePeer();
            }
            catch (Exception e)
            {
                Own.GiveUpEpoch($"what {_settings.PeerName} misses could not be noted");
                _events.Failed($"what {_settings.PeerName} misses could not be noted: {e.Message}");
            }
        }

        _events.PeerLost(session.Reason ?? "", session.IsOrderly, wasPaired);
    }
}
