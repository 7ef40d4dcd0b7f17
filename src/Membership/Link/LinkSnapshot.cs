namespace SafeKit.Membership;

/// <summary>One lan: who was heard on it, and what arrived that was no heartbeat of ours.</summary>
public sealed record LinkSnapshot(string Lan, IReadOnlyList<LinkPeerSnapshot> Peers, long Malformed, long Repeated, long Forged);
