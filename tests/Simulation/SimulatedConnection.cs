namespace SafeKit.Simulation;

/// <summary>A connection that a node's kernel has taken. Times are true times.</summary>
/// <param name="Bucket">Numbered through all groups.</param>
/// <param name="VisibleNs">From when on a count finds it: until the handshake has ended there may be nothing but a cookie.</param>
/// <param name="EndNs">When both sides have closed it.</param>
public sealed record SimulatedConnection(int Bucket, long VisibleNs, long EndNs);
