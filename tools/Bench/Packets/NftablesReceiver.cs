namespace SafeKit.Bench.Packets;

/// <summary>The same job by <c>jhash</c> rules of nftables.</summary>
internal sealed class NftablesReceiver : PacketReceiver
{
    /// <summary>The first place a packet passes in nftables, and the usual one.</summary>
    private static readonly string _ingress = $"type filter hook ingress device \"{Device}\" priority 0;";
    private static readonly string _prerouting = "type filter hook prerouting priority raw;";

    public NftablesReceiver(PacketGenerator generator, int number, bool takesThird, NftablesRules rules)
        : base(generator, number)
    {
        AddAddresses();
        string table = $$"""
            table {{(rules == NftablesRules.Prerouting ? "inet" : "netdev")}} bench {
              {{(rules == NftablesRules.Minimal ? Minimal(takesThird) : SameJob(takesThird))}}
              chain farm {
                {{(rules == NftablesRules.Prerouting ? _prerouting : _ingress)}}
                ip daddr {{BenchTraffic.Address}} goto service
                ip6 daddr {{BenchTraffic.Address6}} goto service6
              }
            }

            """;
        BenchNetwork.Command(table, "nft", "-f", "-");
        OpenSockets();
    }

    /// <summary>The rules of <see cref="BenchTraffic.Plan"/>: what no rule takes is denied, verdicts are counted.</summary>
    private static string SameJob(bool takesThird)
    {
        // Whoever takes nothing must hash all the same.
        string mine = takesThird ? "== 0" : "> 2";
        return string.Join('\n', new[] { ("service", "ip"), ("service6", "ip6") }.Select(family => $$"""
            chain {{family.Item1}} {
                tcp dport {{BenchTraffic.WebPort}} jhash {{family.Item2}} saddr mod 3 seed 0x5afe {{mine}} counter accept
                udp dport {{BenchTraffic.DatagramPort}} jhash {{family.Item2}} saddr mod 3 seed 0x5afe {{mine}} counter accept
                counter drop
              }
            """));
    }

    /// <summary>The shortest that hashes: any port, nothing counted.</summary>
    private static string Minimal(bool takesThird)
    {
        string others = takesThird ? "!= 0" : "<= 2";
        return $$"""
            chain service { jhash ip saddr mod 3 seed 0x5afe {{others}} drop; }
              chain service6 { jhash ip6 saddr mod 3 seed 0x5afe {{others}} drop; }
            """;
    }
}
