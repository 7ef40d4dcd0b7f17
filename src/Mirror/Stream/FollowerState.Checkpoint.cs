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

    private void KeepCheckpoint(Checkpoint reached)
    {
        CheckpointFile.Write(Settings.StateFolder, reached);
        Checkpoint = reached;
    }

    private void ForgetCheckpoint()
    {
        CheckpointFile.Remove(Settings.StateFolder);
        Checkpoint = default;
    }
}
