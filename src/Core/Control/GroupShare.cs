namespace SafeKit.Core.Control;

/// <summary>What this node takes of one load-balancing group now.</summary>
public sealed record GroupShare(string Group, int Buckets, int BucketsOfGroup)
{
    public double Percent => BucketsOfGroup == 0 ? 0 : 100.0 * Buckets / BucketsOfGroup;
}
