using SafeKit.Core;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>Plans on <c>eth0</c> for the network tests.</summary>
internal static class ServedNode
{
    public static FilterPlan Plan(string name = "eth0") => new(
        World.Seed,
        [new(name)],
        [Address(name, World.Vip), Address(name, World.Vip6)],
        [new(0, "web")]);

    public static FilterAddress Address(string name, System.Net.IPAddress address, int group = 0) =>
        new(address, name, MacAddress.ForVirtualAddress(address), [new(RuleProtocol.Tcp, 80, HashInput.Address, group)])
        {
            AnswersSyns = true,
        };

    public static byte[] Rows(RowFlags flags, int groups = 1)
    {
        byte[] rows = new byte[groups * Limits.BucketsPerGroup];
        Array.Fill(rows, (byte)flags);
        return rows;
    }

    /// <summary>Open, with everything ours for an hour.</summary>
    public static PacketFilter Serve(NodeNamespace node, RowFlags flags = RowFlags.Mine)
    {
        PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(Plan());
        filter.InstallRows(0, Rows(flags));
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        return filter;
    }
}
