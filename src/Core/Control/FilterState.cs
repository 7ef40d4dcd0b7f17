namespace SafeKit.Core.Control;

/// <summary>The packet filter in the kernel.</summary>
/// <param name="Counters">Packets by verdict and reason since the filter was loaded; their sum is all packets seen.</param>
public sealed record FilterState(
    IReadOnlyList<FilterInterfaceState> Interfaces,
    IReadOnlyDictionary<string, ulong> Counters);
