namespace SafeKit.Membership;

/// <summary>A resource as the peer is told of it: <c>tcp.web = up</c>.</summary>
public readonly record struct HeartResource(string Name, string Value);
