using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>Up to where this node's disk has everything, whatever happens to its memory.</summary>
internal sealed partial class FollowerState
{
    /// <summary>The last one; none where the data was changed since by something that the primary does not mark.</summary>
    public Checkpoint Checkpoint { get; private set; }

    /// <summary>
    /// Brings everything applied to the disk, then writes the checkpoint down. False where this connection's data is no good any more.
    /// </summary>
    /// <exception cref="Replay.ReplayException">The disk refused.</exception>
    /// <exception cref="Core.SafeKitException">The disk of the record refused.</exception>
    public bool ReachCheckpoint(FollowerSession session, Checkpoint reached)
    {
        Replayer.SyncAll();
        lock (_recordGate)
        {
            if (_isRecordGiven || _isSpoiled || session.HasLostSync)
                return false;
            KeepCheckpoint(reached);
            return true;
        }
    }

    /// <summary>
    /// What this node has changed as primary since <see cref="Checkpoint"/>, where that is one of that time. Null: it is a secondary's, or
    /// there is none.
    /// </summary>
    public KeptMarks? OwnMarks { get; private set; }

    private void ReadCheckpoint()
    {
        Checkpoint = CheckpointFile.Read(Settings.StateFolder);
        if (!Checkpoint.IsNone)
            return;
        OwnMarks = MarkLog.Read(Settings.StateFolder, KeptMarks.Owner(Record.Current, DirectoriesSignature.Of(Settings)));
        Checkpoint = OwnMarks?.Base ?? default;
    }

    private void KeepCheckpoint(Checkpoint reached)
    {
        CheckpointFile.Write(Settings.StateFolder, reached);
        Checkpoint = reached;
        ForgetOwnMarks();
    }

    private void ForgetCheckpoint()
    {
        CheckpointFile.Remove(Settings.StateFolder);
        Checkpoint = default;
        ForgetOwnMarks();
    }

    /// <summary>They count no more once this node has changed by anything but the comparison of what is marked.</summary>
    private void ForgetOwnMarks()
    {
        MarkLog.Remove(Settings.StateFolder);
        if (OwnMarks is not null && Checkpoint == OwnMarks.Base)
            Checkpoint = default;
        OwnMarks = null;
    }
}
