using SafeKit.Core;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;

namespace SafeKit.Mirror.Stream;

/// <summary>What the other node says.</summary>
public sealed partial class LeaderData
{
    /// <summary>On the thread that reads the answers.</summary>
    private void Handle(LeaderSession session, AnswerHeader answer, string text)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Acknowledged:
                Own.Acknowledge(Number(answer.First), Number(answer.Second));
                break;
            case AnswerKind.Durable:
                Own.AcknowledgeDurable(Number(answer.First), Math.Max(0, answer.Third));
                break;
            case AnswerKind.NeedRange or AnswerKind.HasRange:
                HandleRange(answer);
                break;
            case AnswerKind.UpToDate:
                CompletePairing(session);
                SettleLog();
                break;
            case AnswerKind.CheckpointKept:
                Own.ConfirmCheckpoint(Number(answer.First));
                SettleLog();
                break;
            case AnswerKind.NeedFile:
                Volatile.Read(ref _survey)?.Missing(answer.Tree, Number(answer.First), answer.File);
                break;
            case AnswerKind.Listed:
                Volatile.Read(ref _survey)?.Listed(answer.Tree, answer.File);
                break;
            case AnswerKind.OwnMark:
                _ownMarks?.Take(answer, text);
                break;
            case AnswerKind.OwnMarksEnd:
                _ownMarks?.End(answer.First);
                break;
            case AnswerKind.ApplyFailed:
                _events.Log(Origin, $"{_settings.PeerName} cannot apply operation {answer.First}: {text}", critical: true);
                throw new SafeKitException($"{_settings.PeerName} cannot apply operation {answer.First}: {text}");
            case AnswerKind.Difference:
                NoteDifference(text);
                break;
            case AnswerKind.Verified:
                EndVerification(answer.First);
                break;
            case AnswerKind.AskVerify:
                VerifyForPeer();
                break;
            case AnswerKind.AskLeave:
                LetPeerLeave(session);
                break;
            case AnswerKind.Leaving:
                HandleLeaving(session, answer.First);
                break;
            default:
                throw new SafeKitException($"{_settings.PeerName} answers {answer.Kind}, which does not belong here; both nodes must run the same version");
        }
    }

    private static ulong Number(long number) =>
        number >= 0 ? (ulong)number : throw new SafeKitException("the secondary answers a negative number; both nodes must run the same version");

    private void HandleRange(AnswerHeader answer)
    {
        bool isSound = answer is { First: >= 0, Second: > 0 and <= ContentPiece.HoleBytesMax };
        if (!isSound)
            throw new SafeKitException("the secondary names a range that was never asked about; both nodes must run the same version");
        Survey? survey = Volatile.Read(ref _survey);
        survey?.Answered(answer.Tree, answer.File, answer.First, (int)answer.Second, answer.Kind == AnswerKind.NeedRange);
    }

    private void CompletePairing(LeaderSession session)
    {
        lock (_transition)
        {
            if (Own.Mode != RecorderMode.Pairing || session.Reason is not null)
                return;
            Own.Pair();
            if (Own.Mode != RecorderMode.Paired)
                return;
            _copiesWhole = false;
            TellReintegrated();
            _progress = null;
        }

        _events.PeerUpToDate();
    }

    private void TellReintegrated()
    {
        if (_progress?.Snapshot is not { } done)
            return;
        string what = $"{done.FilesDone} files and directories handled, {done.BytesCompared} bytes compared, {done.BytesCopied} bytes copied";
        _events.Log(Origin, $"{_settings.PeerName} is up to date by {done.Kind}: {what} in {done.Seconds:0.0} s", critical: false);
    }

    private void LetPeerLeave(LeaderSession session)
    {
        lock (_transition)
        {
            if (Own.LetPeerLeave())
                return;
        }

        session.IsOrderly = true;
    }

    private void HandleLeaving(LeaderSession session, long applied)
    {
        lock (_transition)
            Own.NotePeerLeft(Number(applied));
        session.IsOrderly = true;
    }
}
