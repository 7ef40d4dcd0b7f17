using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What status shows of one other node.</summary>
public sealed record PeerSnapshot(
    NodeId Node,
    bool Contact,
    double HeardAgoMs,
    bool Serving,
    bool Leaving,
    NodeId Follows,
    ViewId Promised,
    ViewId Active,
    bool ConfigurationDiffers);
