using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>One life of one node as a member of a view. A member that does not serve owns no bucket.</summary>
public readonly record struct ViewMember(NodeId Node, ulong Incarnation, bool Serving);
