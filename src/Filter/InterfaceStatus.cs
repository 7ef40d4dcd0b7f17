namespace SafeKit.Filter;

/// <summary>How one interface is guarded, and why so.</summary>
/// <param name="Name">Interface.</param>
/// <param name="Mode">Mode in force.</param>
/// <param name="Reason">Why no better mode: the kernel's words.</param>
/// <param name="Reception">How frames for the virtual MACs are made to arrive.</param>
/// <param name="Sending">How frames of directed addresses are sent on to other nodes; null without such an address.</param>
public sealed record InterfaceStatus(string Name, FilterMode Mode, string Reason, string Reception, string? Sending);
