namespace SafeKit.Bench.Packets;

/// <summary>The same job by the <c>cluster</c> match of iptables, which tracks connections to do it.</summary>
internal sealed class ClusterMatchReceiver : PacketReceiver
{
    public ClusterMatchReceiver(PacketGenerator generator, int number, bool takesThird)
        : base(generator, number)
    {
        AddAddresses();
        // Whoever takes nothing must hash all the same.
        string mine = takesThird ? "--cluster-local-node 1" : "! --cluster-local-nodemask 7";
        string match = $"-m cluster --cluster-total-nodes 3 {mine} --cluster-hash-seed 0x5afe -j ACCEPT";
        string table = $"""
            *mangle
            -A PREROUTING -d {BenchTraffic.Address} -p tcp --dport {BenchTraffic.WebPort} {match}
            -A PREROUTING -d {BenchTraffic.Address} -p udp --dport {BenchTraffic.DatagramPort} {match}
            -A PREROUTING -d {BenchTraffic.Address} -j DROP
            COMMIT

            """;
        BenchNetwork.Command(table, "iptables-legacy-restore");
        OpenSockets();
    }
}
