using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Decision.PacketTable;
using static SafeKit.Filter.Tests.Support.DirectedWorld;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>vmac_directed, row by row, by the twin and by the kernel: node 2 among 0 to 4, whose MACs are known but for 4's.</summary>
public sealed class DirectedTableTests(DirectedTableTests.Fixture fixture) : IClassFixture<DirectedTableTests.Fixture>
{
    private const int Self = 2;
    private const int Nodes = 4;
    private const int Stranger = 4;
    private const RowFlags Mine = RowFlags.Mine;
    private const RowFlags Holding = RowFlags.Mine | RowFlags.HoldResets;
    private const RowFlags Former = RowFlags.MayHoldConnections;

    private static readonly Lazy<Dictionary<string, DirectedRow>> _rows = new(() => Families()
        .Concat(Questions()).Concat(Fragments()).ToDictionary(row => row.Name));

    private readonly Fixture _fixture = fixture;

    public static TheoryData<string> Names() => [.. _rows.Value.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Twin(string name)
    {
        DirectedRow row = _rows.Value[name];
        TraceVerdict verdict = Decide(row);
        Assert.Equal((row.Expected, row.Next), (verdict.Reason, verdict.Next));
    }

    [RootTheory]
    [MemberData(nameof(Names))]
    public void Kernel(string name)
    {
        DirectedRow row = _rows.Value[name];
        KernelNode node = _fixture.Node;
        lock (node)
        {
            node.Set(StateOf(row));
            foreach (byte[] before in row.Before)
                node.Process(before);
            Assert.Equal(Decide(row), node.Trace(row.Frame));
            (FilterVerdict verdict, byte[] after) = node.Process(row.Frame);
            FilterVerdict expected = row.Expected.Verdict();
            Assert.Equal(expected is FilterVerdict.Take or FilterVerdict.Answer ? FilterVerdict.Pass : expected, verdict);
            byte[] frame = [.. row.Frame];
            if (row.Next is { } next)
            {
                MacOf(next).Write(frame);
                MacOf(Self).Write(frame.AsSpan(MacAddress.Bytes));
            }
            Assert.Equal(frame, after);
        }
    }

    private static IEnumerable<DirectedRow> Families()
    {
        foreach (bool v6 in new[] { false, true })
        {
            string f = v6 ? "IPv6" : "IPv4";
            byte[] Tcp(TcpFlags flags, MacAddress? source = null, int to = Self) =>
                Inside(To(to, source), v6, TcpProtocol).Tcp(4000, 80, flags).Build();
            byte[] syn = Tcp(TcpFlags.Syn), data = Tcp(TcpFlags.Ack), udp = Inside(To(Self), v6, UdpProtocol).Udp(4000, 53).Build();
            MacAddress low = MacOf(1), high = MacOf(3);

            yield return new($"{f} own bucket", syn, FilterReason.Taken, Mine, [Self]);
            yield return new($"{f} own bucket, sent on by a member", Tcp(TcpFlags.Syn, low), FilterReason.Taken, Mine, [Self]);
            yield return new($"{f} own bucket, lease ended", syn, FilterReason.LeaseExpired, Mine, [Self], LeaseMs: -1);
            yield return new($"{f} another's: SYN", syn, FilterReason.Forwarded, RowFlags.None, [3], 3);
            yield return new($"{f} another's: data", data, FilterReason.Forwarded, RowFlags.None, [1], 1);
            yield return new($"{f} another's: UDP", udp, FilterReason.Forwarded, RowFlags.None, [1], 1);
            yield return new($"{f} another's, lease ended: the other has a lease of its own", syn, FilterReason.Forwarded, RowFlags.None, [3], 3, -1);
            yield return new($"{f} nobody's", syn, FilterReason.ForwardUnknown, RowFlags.None, []);
            yield return new($"{f} another's whose MAC is not known", syn, FilterReason.ForwardUnknown, RowFlags.None, [Stranger]);
            yield return new($"{f} VLAN tags stay", Inside(To(Self).Vlan(7), v6, TcpProtocol).Tcp(4000, 80, TcpFlags.Syn).Build(),
                FilterReason.Forwarded, RowFlags.None, [3], 3);
            yield return new($"{f} echo", Inside(To(Self), v6, v6 ? Icmpv6Protocol : IcmpProtocol).Icmp((byte)(v6 ? 128 : 8)).Build(),
                FilterReason.Forwarded, RowFlags.None, [3], 3);
            yield return new($"{f} no rule", Inside(To(Self), v6, TcpProtocol).Tcp(1, 22, TcpFlags.Syn).Build(), FilterReason.NoRule,
                RowFlags.None, [3]);

            yield return new($"{f} from a member, to a lower one", Tcp(TcpFlags.Syn, high), FilterReason.Forwarded, RowFlags.None, [1], 1);
            yield return new($"{f} from a member, to a higher one", Tcp(TcpFlags.Syn, low), FilterReason.ForwardEnded, RowFlags.None, [3]);
            yield return new($"{f} from a member, back to it", Tcp(TcpFlags.Syn, low), FilterReason.ForwardEnded, RowFlags.None, [1]);
            yield return new($"{f} from a member that believes us the owner, as we do it", Tcp(TcpFlags.Ack, high), FilterReason.ForwardEnded,
                RowFlags.None, [3]);

            yield return new($"{f} new owner, unknown data: to the former one", data, FilterReason.ForwardedFormer, Holding, [Self, 1], 1);
            yield return new($"{f} new owner, SYN", syn, FilterReason.Taken, Holding, [Self, 1]);
            yield return new($"{f} new owner, unknown data from the former one", Tcp(TcpFlags.Ack, low), FilterReason.ResetHeld, Holding, [Self, 1]);
            yield return new($"{f} new owner, unknown data from another", Tcp(TcpFlags.Ack, high), FilterReason.ForwardedFormer, Holding,
                [Self, 1], 1);
            yield return new($"{f} new owner, former one higher, data has been there", Tcp(TcpFlags.Ack, low), FilterReason.ResetHeld, Holding,
                [Self, 3]);
            yield return new($"{f} entry, data: the highest holder first", data, FilterReason.ForwardedFormer, RowFlags.None, [1, 3, 0], 3);
            yield return new($"{f} entry, SYN: the owner alone", syn, FilterReason.Forwarded, RowFlags.None, [1, 3, 0], 1);
            yield return new($"{f} former owner, unknown data from a member: down the list", Tcp(TcpFlags.Ack, high),
                FilterReason.Forwarded, Former, [1, Self, 0], 1);
            yield return new($"{f} former owner, SYN from a member", Tcp(TcpFlags.Syn, high), FilterReason.Forwarded, Former, [1, Self], 1);

            yield return new($"{f} for another machine's MAC", Tcp(TcpFlags.Syn, to: 1), FilterReason.NotAddressed, Mine, [Self]);
            yield return new($"{f} broadcast", Inside(PacketBuilder.Ethernet(Broadcast, ClientMac), v6, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(),
                FilterReason.NotAddressed, Mine, [Self]);
        }
        yield return new("on another interface", To(Self).Ip(Client, Elsewhere, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(),
            FilterReason.NotAddressed, Mine, [Self]);
        yield return new("to the node's own address", To(Self).Ip(Client, Node, TcpProtocol).Tcp(1, 80, TcpFlags.Syn).Build(),
            FilterReason.Other, RowFlags.None, [3]);
    }

    private static IEnumerable<DirectedRow> Questions()
    {
        byte[] arp = PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Client, default, Vip).Build();
        byte[] bare = PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, Client, default, Bare).Build();
        byte[] probe = PacketBuilder.Ethernet(Broadcast, ClientMac).Arp(1, ClientMac, IPAddress.Any, default, Vip).Build();
        byte[] claim = PacketBuilder.Ethernet(Broadcast, MacOf(1)).Arp(1, MacOf(1), Vip, default, Vip).Build();
        byte[] solicitation = To(Self).Ip(Client6, Vip6, Icmpv6Protocol, 255).Neighbour(135, Vip6, ClientMac).Build();
        foreach ((string name, byte[] question) in new[] { ("ARP", arp), ("neighbour discovery", solicitation) })
        {
            yield return new($"{name}: own bucket", question, FilterReason.NeighbourQuery, Mine, [Self]);
            yield return new($"{name}: another answers", question, FilterReason.NotMine, RowFlags.None, [1]);
            yield return new($"{name}: former owner", question, FilterReason.NotMine, Former, [1, Self]);
            yield return new($"{name}: lease ended", question, FilterReason.LeaseExpired, Mine, [Self], LeaseMs: -1);
        }
        yield return new("ARP: an address without rules", bare, FilterReason.NoRule, Mine, [Self]);
        yield return new("ARP: a probe", probe, FilterReason.NeighbourProbe, Mine, [Self]);
        yield return new("ARP: another node announces itself", claim, FilterReason.NeighbourClaim, Mine, [Self]);
    }

    private static IEnumerable<DirectedRow> Fragments()
    {
        byte[] First(ushort id, MacAddress? source = null) =>
            To(Self, source).Ipv4(Client, Vip, UdpProtocol, id, 0x2000).Udp(4000, 53, 64).Build();
        byte[] Later(ushort id, MacAddress? source = null) => To(Self, source).Ipv4(Client, Vip, UdpProtocol, id, 9).Payload(new byte[64]).Build();
        yield return new("a first fragment", First(100), FilterReason.Forwarded, RowFlags.None, [3], 3);
        yield return new("a later fragment follows", Later(101), FilterReason.Forwarded, RowFlags.None, [3], 3, Before: [First(101)]);
        yield return new("a later fragment alone", Later(102), FilterReason.FragmentUnknown, RowFlags.None, [3]);
        yield return new("a later fragment does not go back", Later(103, MacOf(3)), FilterReason.ForwardEnded, RowFlags.None, [3],
            Before: [First(103)]);
        yield return new("a later fragment from a member does not go up", Later(104, MacOf(1)), FilterReason.ForwardEnded, RowFlags.None, [3],
            Before: [First(104)]);
        yield return new("a later fragment of one that is taken", Later(105), FilterReason.TakenFragment, Mine, [Self], Before: [First(105)]);
        yield return new("a later fragment of one that nobody gets", Later(106), FilterReason.FragmentDropped, RowFlags.None, [],
            Before: [First(106)]);
    }

    private static PacketBuilder Inside(PacketBuilder outside, bool v6, byte protocol) =>
        outside.Ip(v6 ? Client6 : Client, v6 ? Vip6 : Vip, protocol);

    private static DecisionState StateOf(DirectedRow row) => State(Self, Nodes, row.LeaseMs).With(row.Rows, row.Holders);

    private static TraceVerdict Decide(DirectedRow row)
    {
        DecisionState state = StateOf(row);
        state.Fragments = new FragmentMemory();
        foreach (byte[] before in row.Before)
            PacketDecision.Decide(state, before, "lo");
        return PacketDecision.Decide(state, row.Frame, "lo");
    }

    /// <summary>One filter for all rows.</summary>
    public sealed class Fixture : IDisposable
    {
        private readonly Lazy<KernelNode> _node = new(() => new KernelNode { Mac = MacOf(Self) });

        internal KernelNode Node => _node.Value;

        public void Dispose()
        {
            if (_node.IsValueCreated)
                _node.Value.Dispose();
        }
    }
}
