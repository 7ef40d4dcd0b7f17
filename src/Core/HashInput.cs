namespace SafeKit.Core;

/// <summary>What a load-balancing rule hashes (attribute <c>filter</c> of <c>rule</c>, reference section 1.6).</summary>
public enum HashInput : byte
{
    /// <summary><c>on_addr</c>: the client's address; every session of a client stays on one node.</summary>
    Address = 0,

    /// <summary><c>on_port</c>: the client's address and source port; sessions are spread.</summary>
    AddressAndPort = 1,

    /// <summary><c>on_ipid</c>: the IP identification field; for UDP over IPv4 only.</summary>
    IpIdentification = 2,
}
