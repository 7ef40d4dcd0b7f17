namespace SafeKit.Simulation;

/// <summary>A connection that a node's kernel has taken. Times are true times.</summary>
/// <param name="bucket">Numbered through all groups.</param>
/// <param name="visibleNs">From when on a count finds it: until the handshake has ended there may be nothing but a cookie.</param>
/// <param name="endNs">When both sides have closed it.</param>
public sealed class SimulatedConnection(int bucket, long visibleNs, long endNs)
{
    public int Bucket => bucket;

    public long VisibleNs => visibleNs;

    public long EndNs => endNs;
}
