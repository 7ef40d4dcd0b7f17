using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>One node as heard on one lan. Negative: never heard there.</summary>
public sealed record LinkPeerSnapshot(NodeId Node, double HeardAgoMs, long SendErrors, string LastSendError);
