namespace SafeKit.Simulation;

/// <summary>An invariant was broken in a simulated run.</summary>
public sealed class SimulationViolation(string invariant, string text, ulong seed, long atNs)
    : Exception($"seed {seed}: {invariant} broken at {atNs / 1e6:F3} ms: {text}")
{
    public string InvariantName { get; } = invariant;

    public ulong Seed { get; } = seed;
}
