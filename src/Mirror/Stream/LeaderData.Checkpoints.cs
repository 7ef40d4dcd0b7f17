using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;

namespace SafeKit.Mirror.Stream;

/// <summary>Checkpoints of both nodes, and the marks on this node's disk that begin at one.</summary>
public sealed partial class LeaderData
{
    private volatile OwnMarksReception? _ownMarks;

    /// <summary>On the sender's thread, which does not wait for a change of mode.</summary>
    private void AskForCheckpoint()
    {
        if (!Own.IsCheckpointDue || !_transition.TryEnter())
            return;
        try
        {
            if (_session is { Reason: null })
                SyncOwnDisk(Own.AskForCheckpoint());
        }
        finally
        {
            _transition.Exit();
        }
    }

    /// <summary>Everything up to a checkpoint onto this node's disk too, beside everything else.</summary>
    private void SyncOwnDisk(Checkpoint checkpoint)
    {
        if (!checkpoint.IsNone && Own.Log is { } log)
            _ = Task.Run(() => SyncOwnDisk(log, checkpoint));
    }

    private void SyncOwnDisk(MarkLog log, Checkpoint checkpoint)
    {
        foreach (IReplicatedTree tree in _trees)
        {
            if (tree.SyncDisk() is not 0 and var errno)
            {
                DistrustDisk(Errno.Describe("syncfs", errno));
                return;
            }
        }

        log.OwnHas(checkpoint);
        log.TrySettle();
    }

    /// <summary>The other node has it: so where this one has it too, marks from before it count no more. Not on the thread of the answers.</summary>
    private void SettleLog()
    {
        if (Own.Log is { } log)
            _ = Task.Run(log.TrySettle);
    }

    /// <summary>
    /// Before the pairing, from which on the other node may take over. Without it a crash of this node costs a survey.
    /// </summary>
    private void EnsureLog()
    {
        if (Own.Log is not null || Volatile.Read(ref _hasLostOnDisk))
            return;
        try
        {
            Own.UseLog(MarkLog.Create(
                _settings.StateFolder, Own.LastLogEpoch + 1, message => _events.Log(Origin, message, critical: true), _events.Failed));
        }
        catch (SafeKitException e)
        {
            _events.Log(Origin, $"without marks on the disk, for there is no log: {e.Message}", critical: true);
        }
    }

    /// <summary>The chapter stays as it is now, under the transition's lock, as long as there are two nodes.</summary>
    private void OwnLog()
    {
        if (Own.Log is { } log)
            log.Owner = KeptMarks.Owner(_store.Current.Current, DirectoriesSignature.Of(_settings));
    }

    /// <summary>The other node was primary: what it has changed then is compared too.</summary>
    /// <exception cref="SafeKitException">It has marked what is not there.</exception>
    private void TakeOwnMarks(ReintegrationContext context)
    {
        IReadOnlyList<MarkRecord> marks = _ownMarks?.Await(context.Cancel) ?? [];
        foreach (MarkRecord mark in marks)
        {
            if (mark.Tree >= _trees.Count)
                throw new SafeKitException($"the secondary has marked something in directory {mark.Tree} of {_trees.Count}");
            ByteRange? range = mark.Kind == MarkKind.Whole ? null : new ByteRange(mark.Start, mark.End);
            _ = context.Inside(() =>
            {
                _trees[mark.Tree].MarkPath(mark.Path, mark.Kind == MarkKind.Directory, range);
                return true;
            });
        }

        if (marks.Count > 0)
            _events.Log(Origin, $"{_settings.PeerName} has marked {marks.Count} changes of the time when it was primary", critical: false);
    }
}
