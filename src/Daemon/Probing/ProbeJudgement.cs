using SafeKit.Core.Control;

namespace SafeKit.Daemon.Probing;

/// <summary>What is said of a network.</summary>
/// <param name="Modes">A verdict for each mode.</param>
/// <param name="Recommendation">One sentence.</param>
/// <param name="Ok">Whether the configured mode was seen to work.</param>
public sealed record ProbeJudgement(IReadOnlyList<VipTestVerdict> Modes, string Recommendation, bool Ok);
