namespace SafeKit.Core.Control;

/// <summary>Where the filter is attached, in which mode, and why in that one.</summary>
/// <param name="Mode">native, generic or tc.</param>
public sealed record FilterInterfaceState(string Interface, string Mode, string Reason, IReadOnlyList<string> Addresses);
