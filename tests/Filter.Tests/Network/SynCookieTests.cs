using System.Buffers.Binary;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Support.SynFrames;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Network;

/// <summary>SYNs of a flood, which the filter answers with the kernel's cookies.</summary>
public sealed class SynCookieTests
{
    private const uint Drop = 1;
    private const uint Pass = 2;
    private const uint Transmit = 3;
    private const uint Redirect = 7;

    /// <summary>Far more than the kernel is left with on all processors of a test machine.</summary>
    private const int Many = 5_000;
    private const ushort Port = 4000;

    [RootTheory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void TheAnswerIsRightInEveryField(bool v6, bool hasOptions) => WithFlood(v6, new KernelNode(), kernel =>
    {
        byte[] syn = hasOptions ? WithOptions(v6, Port) : From(ClientOf(v6), v6, Port);
        byte[] answer = RunUntil(kernel.Filter.Xdp, syn, Transmit);
        Assert.Equal(Expected(syn, answer, v6), answer);
    });

    [RootTheory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void AtTcTheAnswerIsTheSame(bool v6, bool hasOptions) => WithFlood(v6, new KernelNode(), kernel =>
    {
        byte[] syn = hasOptions ? WithOptions(v6, Port) : From(ClientOf(v6), v6, Port);
        byte[] answer = RunUntil(kernel.Filter.Tc, syn, Redirect);
        Assert.Equal(Expected(syn, answer, v6), answer);
    });

    [RootFact]
    public void DataInASynIsNotAcknowledged() => WithFlood(false, new KernelNode(), kernel =>
    {
        byte[] syn = WithOptions(false, Port, new byte[100]);
        byte[] answer = RunUntil(kernel.Filter.Xdp, syn, Transmit);
        Assert.Equal(Expected(syn, answer, false), answer);
    });

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheAnswersAcknowledgementOpensAConnection(bool v6) => Namespaces.Run(node =>
    {
        Prepare(node);
        using Socket listener = ListenFlooded(node, v6);
        using var kernel = new KernelNode();
        kernel.Set(State());
        byte[] answer = RunUntil(kernel.Filter.Xdp, WithOptions(v6, Port), Transmit);
        using var judge = new Judge(node);
        judge.Send(From(ClientOf(v6), v6, Port, TcpFlags.Ack | TcpFlags.Push, 0xfffffff1, CookieOf(answer, v6) + 1, 42));
        using Socket accepted = listener.Accept();
        byte[] received = new byte[2];
        Assert.Equal(1, accepted.Receive(received));
        Assert.Equal(42, received[0]);
    });

    [RootFact]
    public void TheFirstGoToTheKernel() => WithFlood(false, new KernelNode(), kernel =>
    {
        const int SynsPerWindow = 256;
        byte[] syn = WithOptions(false, Port);
        int passed = 0;
        while (LoadedFilter.Run(kernel.Filter.Xdp, syn, 0, 1, out _) == Pass)
            passed++;
        Assert.InRange(passed, SynsPerWindow, Many);
    });

    [RootFact]
    public void EachIsCountedOnceAndForItsModule() => WithFlood(false, new KernelNode(), kernel =>
    {
        byte[] syn = WithOptions(false, Port);
        int answered = Enumerable.Range(0, Many).Count(_ => LoadedFilter.Run(kernel.Filter.Xdp, syn, 0, 1, out uint _) == Transmit);
        Assert.NotEqual(0, answered);
        long[] counters = kernel.Filter.ReadCounters();
        Assert.Equal((answered, Many - answered), (counters[(int)FilterReason.CookieSent], counters[(int)FilterReason.Taken]));
        Assert.Equal(Many, counters.Sum());
        long[] cookies = kernel.Filter.ReadCookies();
        Assert.Equal((answered, answered), (cookies[WebSlot], cookies.Sum()));
    });

    [RootFact]
    public void ATraceAnswersNothing() => WithFlood(false, new KernelNode(), kernel =>
    {
        byte[] syn = WithOptions(false, Port);
        RunUntil(kernel.Filter.Xdp, syn, Transmit);
        long[] counters = kernel.Filter.ReadCounters();
        for (int i = 0; i < Many; i++)
            Assert.Equal(FilterReason.Taken, kernel.Trace(syn).Reason);
        Assert.Equal(counters, kernel.Filter.ReadCounters());
    });

    /// <summary>Where XDP cannot transmit, it marks the packet in front of it.</summary>
    [RootFact]
    public void WhatIsAnsweredAtTcIsMarkedAndCountedByXdp() => WithFlood(false, new KernelNode { AnswersAtTc = true }, kernel =>
    {
        byte[] syn = WithOptions(false, Port);
        for (int i = 0; i < Many; i++)
        {
            byte[] after = LoadedFilter.RunForFrame(kernel.Filter.Xdp, syn, out uint action);
            Assert.Equal(Pass, action);
            if (after.Length == syn.Length)
                continue;
            Assert.Equal(syn, after[8..]);
            Assert.Equal(1, kernel.Filter.ReadCounters()[(int)FilterReason.CookieSent]);
            return;
        }
        Assert.Fail("nothing was marked");
    });

    [RootFact]
    public void NotAnswered() => WithFlood(false, new KernelNode(), kernel =>
    {
        RunUntil(kernel.Filter.Xdp, WithOptions(false, Port), Transmit);
        AssertNever(kernel, Drop, "another's bucket", WithOptions(false, Port), State(rows: RowFlags.None));
        AssertNever(kernel, Drop, "lease ended", WithOptions(false, Port), State(leaseMs: -1));
        AssertNever(kernel, Pass, "switched off", WithOptions(false, Port), State(answers: false));
        foreach ((string name, byte[] frame) in Exceptions())
            AssertNever(kernel, Pass, name, frame, State());
        RunUntil(kernel.Filter.Xdp, WithOptions(false, Port), Transmit);
        File.WriteAllText("/proc/sys/net/ipv4/tcp_syncookies", "0");
        AssertNever(kernel, Pass, "no cookies allowed", WithOptions(false, Port), State());
        File.WriteAllText("/proc/sys/net/ipv4/tcp_syncookies", "1");
        RunUntil(kernel.Filter.Xdp, WithOptions(false, Port), Transmit);
        kernel.Filter.SetMember(1, 2, ClientMac);
        AssertNever(kernel, Pass, "sent on by a member", WithOptions(false, Port), State());
    });

    [RootFact]
    public void NotAnsweredOfIpv6() => WithFlood(true, new KernelNode(), kernel =>
    {
        byte[] answered = WithOptions(true, Port);
        RunUntil(kernel.Filter.Xdp, answered, Transmit);
        AssertNever(kernel, Pass, "extension header", PacketBuilder.Ethernet(KernelNode.OwnMac, ClientMac).Ip(Client6, Vip6, 0)
            .Extension(TcpProtocol).Tcp(Port, WebPort, TcpFlags.Syn).Build(), State());
        AssertNever(kernel, Pass, "from a group", With(answered, EthernetBytes + 8, 0xff, 0x02), State());
        AssertNever(kernel, Pass, "from IPv4 in disguise", With(answered, EthernetBytes + 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), State());
        AssertNever(kernel, Pass, "from the address itself", From(Vip6, true, Port), State());
        RunUntil(kernel.Filter.Xdp, answered, Transmit);
    });

    [RootFact]
    public void AQueueWithRoomLeavesThemToTheKernel() => Namespaces.Run(node =>
    {
        Prepare(node);
        using Socket listener = Listen(Vip);
        using var kernel = new KernelNode();
        kernel.Set(State());
        byte[] syn = WithOptions(false, Port);
        for (int i = 0; i < Many; i++)
            Assert.Equal(Pass, LoadedFilter.Run(kernel.Filter.Xdp, syn, 0, 1, out _));
    });

    /// <summary>What goes to the kernel although a plain SYN would be answered.</summary>
    private static IEnumerable<(string Name, byte[] Frame)> Exceptions()
    {
        byte[] syn = WithOptions(false, Port);
        PacketBuilder Ethernet() => PacketBuilder.Ethernet(KernelNode.OwnMac, ClientMac);
        yield return ("VLAN tag", Ethernet().Vlan(7).Ip(Client, Vip, TcpProtocol).Tcp(Port, WebPort, TcpFlags.Syn).Build());
        yield return ("IPv4 options", Ethernet().Ipv4(Client, Vip, TcpProtocol, optionWords: 1).Tcp(Port, WebPort, TcpFlags.Syn).Build());
        yield return ("first fragment", Ethernet().Ipv4(Client, Vip, TcpProtocol, fragment: 0x2000).Tcp(Port, WebPort, TcpFlags.Syn).Build());
        yield return ("SYN with FIN", From(Client, false, Port, TcpFlags.Syn | TcpFlags.Fin));
        yield return ("SYN with ACK", From(Client, false, Port, TcpFlags.Syn | TcpFlags.Ack));
        yield return ("SYN with RST", From(Client, false, Port, TcpFlags.Syn | TcpFlags.Reset));
        yield return ("nobody listens", Ethernet().Ip(Client, Vip, TcpProtocol).Tcp(Port, 443, TcpFlags.Syn).Build());
        yield return ("from the address itself", From(Vip, false, Port));
        yield return ("from a group", With(syn, EthernetBytes + 12, 224, 0, 0, 1));
        yield return ("from a loopback address", With(syn, EthernetBytes + 12, 127, 0, 0, 1));
        yield return ("from nowhere", With(syn, EthernetBytes + 12, 0, 0, 0, 0));
        yield return ("from a group's MAC", With(syn, MacAddress.Bytes, 0x03));
        yield return ("cut off", syn[..(EthernetBytes + 40)]);
    }

    /// <summary>More often than the kernel is left with, so that only the named reason can be why.</summary>
    private static void AssertNever(KernelNode kernel, uint action, string name, byte[] frame, DecisionState state)
    {
        kernel.Set(state);
        for (int i = 0; i < Many; i++)
        {
            uint actual = LoadedFilter.Run(kernel.Filter.Xdp, frame, 0, 1, out _);
            Assert.True(actual == action, $"{name}: {actual}");
        }
    }

    private static byte[] With(byte[] frame, int offset, params byte[] bytes)
    {
        byte[] changed = [.. frame];
        bytes.CopyTo(changed, offset);
        return changed;
    }

    /// <summary>The cookie is the kernel's secret; everything else is known.</summary>
    private static byte[] Expected(byte[] syn, byte[] answer, bool v6)
    {
        const int MtuBytes = 1500;
        int transport = EthernetBytes + IpBytes(v6);
        int segment = MtuBytes - IpBytes(v6) - 20;
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(syn.AsSpan(transport + 4));
        PacketBuilder ethernet = PacketBuilder.Ethernet(ClientMac, KernelNode.OwnMac);
        PacketBuilder network = v6 ? ethernet.Ipv6(Vip6, Client6, TcpProtocol) : ethernet.Ipv4(Vip, Client, TcpProtocol, fragment: 0x4000);
        byte[] frame = network.Tcp(WebPort, Port, TcpFlags.Syn | TcpFlags.Ack, CookieOf(answer, v6), sequence + 1)
            .Payload(2, 4, (byte)(segment >> 8), (byte)segment).Build();
        frame[transport + 12] = 6 << 4;
        return Checksummed(frame, v6);
    }

    private static uint CookieOf(byte[] answer, bool v6) =>
        BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(EthernetBytes + IpBytes(v6) + 4));

    /// <summary>The kernel is left with some on each processor; the frame as the program left it once that is used up.</summary>
    private static byte[] RunUntil(int program, byte[] frame, uint expected)
    {
        for (int i = 0; i < Many; i++)
        {
            byte[] after = LoadedFilter.RunForFrame(program, frame, out uint action);
            if (action == expected)
                return after;
            Assert.Equal(frame, after);
        }
        throw new InvariantException($"{Many} SYNs, and none was answered");
    }

    private static void WithFlood(bool v6, KernelNode made, Action<KernelNode> test) => Namespaces.Run(node =>
    {
        using KernelNode kernel = made;
        Prepare(node);
        using Socket listener = ListenFlooded(node, v6);
        kernel.Set(State());
        test(kernel);
    });

    private static void Prepare(NodeNamespace node)
    {
        node.ConnectClient();
        NodeNamespace.Ip("link set lo mtu 1500");
        NodeNamespace.Ip($"address add {Vip}/32 dev lo");
        NodeNamespace.Ip($"address add {Vip6}/128 dev lo nodad");
    }

    private static DecisionState State(RowFlags rows = RowFlags.Mine, long leaseMs = 3_600_000, bool answers = true)
    {
        FilterPlan plan = Plan with { Addresses = [.. Plan.Addresses.Select(one => one with { AnswersSyns = answers })] };
        DecisionState filled = World.State(rows, leaseMs);
        var state = new DecisionState(plan) { NowNs = filled.NowNs };
        filled.Rows.CopyTo(state.Rows, 0);
        filled.LeasesUntilNs.CopyTo(state.LeasesUntilNs, 0);
        return state;
    }
}
