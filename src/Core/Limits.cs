namespace SafeKit.Core;

/// <summary>Every maximum that more than one room of the house relies on, with its reason.</summary>
public static class Limits
{
    /// <summary>Buckets of a group: fine enough that 128 nodes differ by at most one bucket in 32 (power of two: masked, not divided).</summary>
    public const int BucketsPerGroup = 4096;

    /// <summary>Nodes of a cluster: one bit each in two 64-bit words, one byte each in a table.</summary>
    public const int NodesMax = 128;

    /// <summary>vmac_directed: nodes that a bucket names, its owner and former owners; a packet is sent on at most once to each.</summary>
    public const int RouteHolders = 4;

    /// <summary>Groups of all farm modules of a node: bounds the filter's table to 64 x 2 x 4096 bytes.</summary>
    public const int GroupsMax = 64;

    /// <summary>Modules of a cluster (reference section 10.1).</summary>
    public const int ModulesMax = 32;

    /// <summary>Virtual addresses of a node, all modules together.</summary>
    public const int VirtualAddressesMax = 64;

    /// <summary>Load-balancing rules that may apply to one virtual address.</summary>
    public const int RulesPerAddressMax = 32;

    /// <summary>Heartbeat networks of a module.</summary>
    public const int LansMax = 8;

    /// <summary>Largest configuration file that is read, in bytes; a larger one is refused before it is parsed.</summary>
    public const int ConfigurationBytesMax = 1 << 20;

    /// <summary>
    /// Largest datagram on a heartbeat network, in bytes: fits an Ethernet frame of 1500 with IPv6 and UDP headers and
    /// some room for tunnels, so that no heartbeat is ever fragmented.
    /// </summary>
    public const int DatagramBytesMax = 1400;
}
