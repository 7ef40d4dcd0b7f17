using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;

namespace SafeKit.Lab.Story;

/// <summary>Everything that a scene of the tour works with. Owned by the tour.</summary>
public sealed record TourStage(
    ClusterLab Lab, LoadGroup Load, OutageProbe Probe, WireCapture Wire, TourReport Report, CancellationToken Cancel)
{
    /// <summary>Generous: the tour judges outages by what clients see, not by how long a busy machine takes to settle.</summary>
    public static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(25);

    /// <summary>Waits until all nodes serve alike again, and until the probe knows whose ports are whose.</summary>
    public async Task SettleAsync()
    {
        await Lab.WaitWholeAsync(SettleLimit, cancel: Cancel);
        await Probe.LearnAsync(SettleLimit);
    }
}
