namespace SafeKit.Core.Control;

/// <summary>A module that takes no new connections by order.</summary>
/// <param name="Connections">Connections that are left; null before they were counted.</param>
/// <param name="Done">None is left.</param>
public sealed record DrainState(int? Connections, bool Done);
