using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>Going on without the other node.</summary>
public sealed partial class LeaderData
{
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(10);

    private bool _hasLostOnDisk;

    /// <summary>
    /// The decision to go on alone: the record says so, durably, then whoever waits for the other node is released. If the other node lacks
    /// something that was done already,
    /// a new chapter begins with the decision; else with the first change after it. No effect where nobody waits.
    /// </summary>
    /// <exception cref="SafeKitException">The disk refused the record: everyone goes on waiting.</exception>
    public void Detach(string rule)
    {
        if (_recorder is not { MakesWait: true })
            return;
        if (_session is { } session && Own.Mode is RecorderMode.Pairing or RecorderMode.Paired)
        {
            // What ends here is the connection; should its threads hang on a disk, the decision is made nevertheless.
            session.Abort($"this node goes on alone: {rule}");
            _ = session.Ended.Wait(_endLimit);
        }

        lock (_transition)
        {
            if (!Own.MakesWait)
                return;

            // The pairing may have begun while the lock was awaited: the other node's answer must not complete it any more.
            if (Own.Mode is RecorderMode.Pairing or RecorderMode.Paired)
                _session?.Abort($"this node goes on alone: {rule}");
            Own.AwaitChapter();
            bool peerLacksSomething = !Own.PeerMissesNothing;
            GenerationRecord alone = WithoutPosition(_store.Current);
            _store.Write(peerLacksSomething ? alone.Begin(Guid.NewGuid()) : alone);
            Own.EndLog();
            Own.ReleaseWaiters();
            if (peerLacksSomething)
                Own.ChapterBegun();
        }

        _events.Log(Origin, $"goes on without {_settings.PeerName}: {rule}", critical: false);
    }

    /// <summary>What the other node gets is not everything any more: it will be surveyed. On a thread of the pool.</summary>
    private void EndGivenUpEpoch(string reason)
    {
        _events.Log(Origin, $"{_settings.PeerName} will be surveyed: {reason}", critical: false);
        _session?.Abort(reason);
    }

    /// <summary>
    /// This node may come to have less than it has recorded. The other node has it, so nothing is taken from it; but no position of this run is
    /// believed afterwards: when it follows the other node, every file is compared, and with what this disk holds.
    /// </summary>
    private void DistrustDisk(string reason)
    {
        if (Interlocked.Exchange(ref _hasLostOnDisk, true))
            return;
        Own.GiveUpMarks("this node's disk did not keep what was written");
        EndDistrustedLog();
        _events.Log(
            Origin,
            $"the disk did not keep what was written: {reason}. Look for disk errors (dmesg); 'safekit swap' makes {_settings.PeerName} primary, "
            + "and this copy is then compared with it",
            critical: true);
    }

    private void EndDistrustedLog()
    {
        try
        {
            Own.EndLog();
        }
        catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
        {
            Own.GiveUpLog("this node's disk did not keep what was written");
            _events.Log(Origin, $"the mark log cannot be removed: {e.Message}", critical: true);
        }
    }

    /// <summary>
    /// Before the first change that the other node does not get. On a thread of the pool; the requests that wait for it are parked.
    /// </summary>
    private void BeginChapter()
    {
        while (true)
        {
            try
            {
                lock (_transition)
                {
                    if (!Own.IsChapterPending)
                        return;
                    Journal.RemoveMarker(_settings.StateFolder);
                    _store.Write(WithoutPosition(_store.Current).Begin(Guid.NewGuid()));
                    Own.ChapterBegun();
                    return;
                }
            }
            catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
            {
                _events.Failed($"the record of the data cannot be written, and no change is let in before it: {e.Message}");
            }

            Thread.Sleep(_retryAfter);
        }
    }
}
