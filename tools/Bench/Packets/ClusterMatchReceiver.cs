namespace SafeKit.Bench.Packets;

/// <summary>The same job by the <c>cluster</c> match of iptables, which tracks connections to do it.</summary>
internal sealed class ClusterMatchReceiver : PacketReceiver
{
    public ClusterMatchReceiver(PacketGenerator generator, int number, bool takesThird)
        : base(generator, number)
    {
        AddAddresses();
        string[] foreign = takesThird
            ? ["!", "--cluster-local-node", "1"]
            : ["--cluster-local-nodemask", "7"];
        BenchNetwork.Command(null,
        [
            "iptables-legacy", "-t", "mangle", "-A", "PREROUTING", "-d", $"{BenchTraffic.Address}",
            "-m", "cluster", "--cluster-total-nodes", "3", .. foreign, "--cluster-hash-seed", "0x5afe", "-j", "DROP",
        ]);
        OpenSockets();
    }
}
