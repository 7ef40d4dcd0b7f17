namespace SafeKit.Filter;

/// <summary>State of the filter, for status commands and metrics.</summary>
/// <param name="Interfaces">Per interface: mode and reason.</param>
/// <param name="Counters">Packets by name of the reason, since the filter was loaded; they sum up to the packets seen.</param>
/// <param name="ProgramId">Id of the deciding program on the first interface, as <c>bpftool prog</c> shows it; null before the first plan.</param>
/// <param name="Notes">What happened that the administrator should know, for example an older filter that was replaced.</param>
public sealed record FilterStatus(
    IReadOnlyList<InterfaceStatus> Interfaces,
    IReadOnlyDictionary<string, long> Counters,
    uint? ProgramId,
    IReadOnlyList<string> Notes);
