namespace SafeKit.Bench.Packets;

/// <summary>Which rules of nftables are compared with the filter.</summary>
internal enum NftablesRules
{
    /// <summary>All that the filter does, at the first place there is: the headline.</summary>
    Ingress,

    /// <summary>All that the filter does, at the usual place.</summary>
    Prerouting,

    /// <summary>Only the hash, at the first place: less than the job.</summary>
    Minimal,
}
