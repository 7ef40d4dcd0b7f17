namespace SafeKit.Daemon.Probing;

/// <summary>A node as a test found it: what it says of itself, or why nothing is known of it.</summary>
public sealed record ProbedNode(string Name, ProbeSeat? Seat, string ErrorText);
