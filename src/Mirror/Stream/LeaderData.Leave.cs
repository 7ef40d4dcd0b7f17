using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>Leaving in good order.</summary>
public sealed partial class LeaderData
{
    /// <summary>
    /// Stops leading; the trees are unmounted. Where the nodes are paired, the other one gets everything, and both records say at which operation they left; else the
    /// journal is closed, for the next run.
    /// </summary>
    /// <exception cref="OperationCanceledException">The other node did not take everything in time; nothing was left in good order.</exception>
    public async Task LeaveAsync(CancellationToken cancel)
    {
        await StopListeningAsync();
        bool isOrderly = false;
        if (_session is { } session)
        {
            bool isAsked = Own.Mode == RecorderMode.Paired && Own.AppendControl(OperationKind.Leave, OperationFlags.None, []) != 0;
            if (!isAsked)
                session.Abort("this node stops leading");
            await session.Ended.WaitAsync(cancel);
            isOrderly = isAsked && session.IsOrderly;
        }

        lock (_transition)
        {
            RecorderPosition position = Own.Position;
            if (isOrderly && position is { LastSequence: 0, HasDirty: false })
            {
                _store.Write(WithoutPosition(_store.Current) with
                {
                    Standing = DataStanding.Paired,
                    Epoch = position.BaseEpoch,
                    AppliedSequence = position.BaseSequence,
                });
            }

            CloseJournal();
        }
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
