namespace SafeKit.Core.Control;

/// <summary>A named observation: <c>tcp.web = up</c>, since when, and why.</summary>
public sealed record ResourceState(string Name, string Value, DateTimeOffset Since, string Reason);
