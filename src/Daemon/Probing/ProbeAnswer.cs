namespace SafeKit.Daemon.Probing;

/// <summary>A node's answer to one step.</summary>
/// <param name="Problem">Why it could not be done; null when it was.</param>
/// <param name="Seat">After <see cref="ProbeStep.Open"/>.</param>
/// <param name="Sightings">After <see cref="ProbeStep.Close"/>.</param>
public sealed record ProbeAnswer(
    string? Problem = null, ProbeSeat? Seat = null, IReadOnlyList<ProbeSighting>? Sightings = null);
