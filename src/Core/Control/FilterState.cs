namespace SafeKit.Core.Control;

/// <summary>The packet filter in the kernel.</summary>
/// <param name="AgeMs">How old these facts are.</param>
/// <param name="Counters">Packets by verdict and reason since the filter was loaded; their sum is all packets seen.</param>
/// <param name="Notes">What happened to it that an administrator should know.</param>
public sealed record FilterState(
    double AgeMs,
    IReadOnlyList<FilterInterfaceState> Interfaces,
    IReadOnlyDictionary<string, ulong> Counters,
    IReadOnlyList<string> Notes);
