namespace SafeKit.Modules;

/// <summary>Weight of a node in a group; 0 means no traffic.</summary>
public sealed record GroupHost(string Name, int Power, SourcePlace Place = default);
