namespace SafeKit.Daemon.Farm;

/// <summary>What one count found.</summary>
/// <param name="Total">Connections to the module's addresses, whether or not a rule covers them.</param>
/// <param name="Holding">For each group a bit per bucket: a connection of it is left.</param>
public sealed record ConnectionCount(int Total, byte[] Holding);
