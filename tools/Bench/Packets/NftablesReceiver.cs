namespace SafeKit.Bench.Packets;

/// <summary>The same job by a <c>jhash</c> rule of nftables, without a counter, which ours has.</summary>
internal sealed class NftablesReceiver : PacketReceiver
{
    /// <summary>The first place a packet passes in nftables, and the usual one.</summary>
    private static readonly string _ingress = $"type filter hook ingress device \"{Device}\" priority 0;";
    private static readonly string _prerouting = "type filter hook prerouting priority raw;";

    public NftablesReceiver(PacketGenerator generator, int number, bool takesThird, bool isIngress)
        : base(generator, number)
    {
        AddAddresses();
        // Whoever takes nothing must hash all the same.
        string others = takesThird ? "!= 0" : "<= 2";
        string table = $$"""
            table {{(isIngress ? "netdev" : "inet")}} bench {
              chain farm {
                {{(isIngress ? _ingress : _prerouting)}}
                ip daddr {{BenchTraffic.Address}} jhash ip saddr mod 3 seed 0x5afe {{others}} drop
                ip6 daddr {{BenchTraffic.Address6}} jhash ip6 saddr mod 3 seed 0x5afe {{others}} drop
              }
            }

            """;
        BenchNetwork.Command(table, "nft", "-f", "-");
        OpenSockets();
    }
}
