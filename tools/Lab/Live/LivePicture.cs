using SafeKit.Lab.Load;

namespace SafeKit.Lab.Live;

/// <summary>What the screen shows at one moment.</summary>
/// <param name="Recent">What clients saw since the last picture.</param>
/// <param name="LastOutage">The last failover as clients saw it; of no length when there was none.</param>
public sealed record LivePicture(
    ClusterPicture Cluster,
    LoadSnapshot Recent,
    double RecentS,
    LoadSnapshot Total,
    OutageEpisode LastOutage,
    long DoubleAnswers,
    string Selected,
    IReadOnlyList<string> Events);
