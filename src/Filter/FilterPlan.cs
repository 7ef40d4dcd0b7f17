namespace SafeKit.Filter;

/// <summary>Everything that the filter is to do, except who owns which bucket and until when.</summary>
/// <param name="HashSeed">The same on every node of the cluster, and secret.</param>
/// <param name="Interfaces">Guarded interfaces.</param>
/// <param name="Addresses">Virtual addresses.</param>
/// <param name="Groups">Groups of all modules; a rule names one by its place here.</param>
public sealed record FilterPlan(
    ulong HashSeed,
    IReadOnlyList<FilterInterface> Interfaces,
    IReadOnlyList<FilterAddress> Addresses,
    IReadOnlyList<FilterGroup> Groups);
