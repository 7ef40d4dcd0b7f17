using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>Leaving in good order.</summary>
public sealed partial class LeaderData
{
    /// <summary>
    /// Stops leading; the trees are unmounted. Where the nodes are paired, the other one gets everything, and both records say at which
    /// operation they left; else the
    /// journal is closed, for the next run.
    /// </summary>
    /// <param name="sync">Brings the trees onto the disk; what it gives is why they are not there. Only what is there is recorded.</param>
    /// <param name="cancel">Ends the wait for the other node.</param>
    /// <exception cref="OperationCanceledException">The other node did not take everything in time; nothing was left in good order.</exception>
    public async Task LeaveAsync(Task<string?> sync, CancellationToken cancel)
    {
        await StopListeningAsync();
        ulong left = 0;
        if (_session is { } session)
        {
            if (Own.Mode == RecorderMode.Paired)
                left = Own.AppendControl(OperationKind.Leave, OperationFlags.None, []);
            if (left == 0)
                session.Abort("this node stops leading");
            await session.Ended.WaitAsync(cancel);
        }

        if (await sync is { } reason)
            DistrustDisk(reason);

        // Nothing was left in good order, as after a crash.
        if (Volatile.Read(ref _hasLostOnDisk))
            return;
        lock (_transition)
        {
            if (left != 0 && Own.PeerMissesNothing)
                LeaveAt(left);
            else
                CloseJournal();
        }
    }

    /// <summary>Both nodes have the same data, and each knows at which operation: the next run begins a journal there.</summary>
    private void LeaveAt(ulong left)
    {
        RecorderPosition position = Own.Position;

        // With the other node's farewell a new epoch has begun already, at this operation of the old one.
        ulong epoch = position.BaseSequence == left && position.LastSequence == 0 ? position.BaseEpoch : position.Epoch;
        _store.Write(WithoutPosition(_store.Current) with { Standing = DataStanding.Paired, Epoch = epoch, AppliedSequence = left });
    }

    /// <summary>What was left of a journal is of no use once this node follows.</summary>
    /// <exception cref="SafeKitException">The disk refused.</exception>
    public static void DiscardJournal(string stateFolder) => Journal.RemoveMarker(stateFolder);

    /// <summary>An empty one too: it says with which position of the data it begins.</summary>
    private void CloseJournal()
    {
        try
        {
            Own.CloseJournal(_store.Current.Current);
        }
        catch (SafeKitException e)
        {
            _events.Log(Origin, e.Message, critical: false);
        }
    }
}
