using System.Net;

namespace SafeKit.Membership;

/// <summary>One heartbeat network: this node's own address on it, and every node's, null where a node is not on it.</summary>
public sealed record LanSettings(string Name, IPEndPoint Own, IReadOnlyList<IPEndPoint?> Peers);
