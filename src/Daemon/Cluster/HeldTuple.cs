namespace SafeKit.Daemon.Cluster;

/// <summary>A TCP connection to a virtual address, both ends as <c>address:port</c>.</summary>
public sealed record HeldTuple(string Client, string Server);
