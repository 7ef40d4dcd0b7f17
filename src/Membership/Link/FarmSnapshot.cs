namespace SafeKit.Membership;

/// <summary>What status shows: the membership and its networks, published by the membership thread.</summary>
public sealed record FarmSnapshot(MembershipSnapshot Membership, IReadOnlyList<LinkSnapshot> Links);
