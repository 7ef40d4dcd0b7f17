using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Packets;
using SafeKit.Filter.Tests.Decision;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>Putting plans into force: refusals leave things as they were, and the end leaves nothing.</summary>
public sealed class ApplyTests
{
    private static readonly byte[] _syn = PacketTable.All["IPv4 TCP SYN to a port with a rule"].Frame;

    /// <summary>As many groups as a node may have, each with rows of its own; one more is refused and changes nothing.</summary>
    [RootFact]
    public void ServesAllGroupsThatANodeMayHave() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = PacketFilter.Open(node.BpfFolder);
        filter.Apply(PlanOf(Limits.GroupsMax));
        byte[] rows = new byte[Limits.GroupsMax * Limits.BucketsPerGroup];
        rows.AsSpan((Limits.GroupsMax - 1) * Limits.BucketsPerGroup).Fill((byte)RowFlags.Mine);
        filter.InstallRows(0, rows);
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        var refused = Assert.Throws<SafeKitException>(() => filter.Apply(PlanOf(Limits.GroupsMax + 1)));
        Assert.StartsWith("65 load-balancing groups, at most 64", refused.Message);
        for (int group = 0; group < Limits.GroupsMax; group++)
        {
            byte[] frame = PacketBuilder.Ethernet(World.VirtualMac, new MacAddress(2))
                .Ip(IPAddress.Parse("10.1.0.7"), AddressOf(group), 6).Tcp(40000, (ushort)(1000 + group), TcpFlags.Syn).Build();
            TraceVerdict verdict = filter.Trace(frame, "eth0");
            Assert.Equal(group, verdict.Group);
            Assert.Equal(group == Limits.GroupsMax - 1 ? FilterReason.Taken : FilterReason.NotMine, verdict.Reason);
        }
        filter.Detach();
    });

    /// <summary>One rule for each group; an address has 32 of them at most.</summary>
    private static FilterPlan PlanOf(int groups) => new(
        World.Seed,
        [new("eth0")],
        [.. Enumerable.Range(0, groups).GroupBy(AddressOf).Select(rules => new FilterAddress(
            rules.Key,
            "eth0",
            World.VirtualMac,
            [.. rules.Select(group => new FilterRule(RuleProtocol.Tcp, (ushort)(1000 + group), HashInput.Address, group))]))],
        [.. Enumerable.Range(0, groups).Select(group => new FilterGroup(0, $"g{group}"))]);

    private static IPAddress AddressOf(int group) => IPAddress.Parse($"10.1.0.{100 + (group / Limits.RulesPerAddressMax)}");

    [RootFact]
    public void DetachLeavesNothing() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        string Picture() => NodeNamespace.Ip("-d address show lo") + NodeNamespace.Ip("-o link show eth0").Split("xdp")[0]
            + File.ReadAllText("/proc/sys/net/ipv4/conf/eth0/arp_ignore") + File.ReadAllText("/proc/sys/net/ipv4/conf/eth0/arp_announce")
            + File.ReadAllText("/proc/sys/net/ipv4/conf/all/arp_ignore") + File.ReadAllText("/proc/sys/net/ipv4/conf/all/arp_announce");
        string before = Picture();
        using PacketFilter filter = ServedNode.Serve(node);
        Assert.Contains("10.1.0.100/32", NodeNamespace.Ip("address show lo"));
        Assert.Contains("fd00:1::100/128", NodeNamespace.Ip("address show lo"));
        Assert.Equal("1", File.ReadAllText("/proc/sys/net/ipv4/conf/eth0/arp_ignore").Trim());
        Assert.Equal("1", File.ReadAllText("/proc/sys/net/ipv4/conf/all/arp_ignore").Trim());
        Assert.Equal("2", File.ReadAllText("/proc/sys/net/ipv4/conf/all/arp_announce").Trim());
        Assert.Contains("xdp", NodeNamespace.Ip("link show eth0"));
        Assert.True(File.Exists(node.JournalPath));
        filter.Detach();
        Assert.Equal(before, Picture());
        Assert.DoesNotContain("xdp", NodeNamespace.Ip("link show eth0"));
        Assert.False(File.Exists(node.JournalPath));
        Assert.True(new BpfFolder(node.BpfFolder).IsEmpty);
        Assert.Null(Tool.Try(out string fdb, "bridge", "fdb", "show", "dev", "eth0"));
        Assert.DoesNotContain(World.VirtualMac.ToString(), fdb);
    });

    [RootFact]
    public void RefusalsNamePlaceAndRemedyAndChangeNothing() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        FilterPlan plan = ServedNode.Plan();
        FilterAddress vip = plan.Addresses[0];
        void Refused(FilterPlan bad, string text) =>
            Assert.Contains(text, Assert.Throws<SafeKitException>(() => filter.Apply(bad)).Message);
        Refused(plan with { Interfaces = [new("eth9"), new("eth0")] }, "eth9 does not exist; this node has lo, ");
        Refused(plan with { Addresses = [vip, vip] }, "'10.1.0.100' is there twice");
        Refused(plan with { Addresses = [vip with { Address = World.Node }] }, "this node's own address on eth0");
        Refused(plan with { Addresses = [vip with { Interface = "eth1" }] }, "eth1 is not among the guarded ones");
        Refused(plan with { Addresses = [vip with { VirtualMac = MacAddress.Parse("01:00:5e:00:00:01") }] }, "not unicast");
        Refused(plan with { Addresses = [vip with { Address = IPAddress.Parse("224.0.0.1") }] }, "not a unicast address");
        Refused(plan with { Groups = [new(32, "web")] }, "slot 32");
        Refused(plan with { Groups = [] }, "a rule names group 0");
        Assert.Equal(FilterVerdict.Take, filter.Trace(_syn, "eth0").Verdict);
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        filter.Detach();
    });

    [RootFact]
    public void AFailureHalfWayIsTakenBack() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("link add other type veth peer name rehto");
        using PacketFilter filter = ServedNode.Serve(node);
        File.WriteAllText("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "1");
        FilterPlan plan = ServedNode.Plan();
        FilterPlan bad = plan with
        {
            Interfaces = [new("eth0"), new("other")],
            Addresses = [.. plan.Addresses, ServedNode.Address("other", World.Elsewhere), ServedNode.Address("other", World.Elsewhere6)],
        };
        // The IPv6 address cannot be added, after XDP and the IPv4 address were set up.
        Assert.Throws<SafeKitException>(() => filter.Apply(bad));
        Assert.DoesNotContain("10.2.0.100", NodeNamespace.Ip("address show lo"));
        Assert.DoesNotContain("xdp", NodeNamespace.Ip("link show other"));
        Assert.Equal(FilterVerdict.Take, filter.Trace(_syn, "eth0").Verdict);
        Assert.Equal("eth0", Assert.Single(filter.Status().Interfaces).Name);
        filter.Detach();
    });

    [RootFact]
    public void AGroupKeepsItsRowsWhenItsNumberChanges() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        FilterPlan plan = ServedNode.Plan();
        filter.Apply(plan with
        {
            Addresses = [ServedNode.Address("eth0", World.Vip, group: 1), ServedNode.Address("eth0", World.Wild)],
            Groups = [new(3, "new"), new(0, "web")],
        });
        TraceVerdict kept = filter.Trace(_syn, "eth0");
        Assert.Equal((FilterReason.Taken, 1), (kept.Reason, kept.Group));
        Assert.DoesNotContain("fd00:1::100", NodeNamespace.Ip("address show lo"));
        byte[] toNew = PacketBuilder.Ethernet(World.VirtualMac, World.ClientMac).Ip(World.Client, World.Wild, 6).Tcp(1, 80, TcpFlags.Syn).Build();
        Assert.Equal(FilterReason.NotMine, filter.Trace(toNew, "eth0").Reason);
        filter.InstallRows(3, ServedNode.Rows(RowFlags.Mine));
        Assert.Equal(FilterReason.LeaseExpired, filter.Trace(toNew, "eth0").Reason);
        filter.SetLease(3, MonotonicClock.NowNs + MonotonicClock.FromMs(600_000));
        Assert.Equal(FilterReason.Taken, filter.Trace(toNew, "eth0").Reason);
        filter.Detach();
    });

    [RootFact]
    public void RowsOfASlotSwitchTogether() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        filter.Apply(ServedNode.Plan() with { Groups = [new(0, "web"), new(0, "more")] });
        filter.InstallRows(0, [.. ServedNode.Rows(RowFlags.Mine), .. ServedNode.Rows(RowFlags.None)]);
        Assert.Equal(FilterReason.Taken, filter.Trace(_syn, "eth0").Reason);
        filter.InstallRows(0, [.. ServedNode.Rows(RowFlags.None), .. ServedNode.Rows(RowFlags.Mine)]);
        Assert.Equal(FilterReason.NotMine, filter.Trace(_syn, "eth0").Reason);
        Assert.Throws<InvariantException>(() => filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine)));
        filter.Detach();
    });

    [RootFact]
    public void AnAddressThatCannotBeRemovedIsNotForgottenAndStaysDenied() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        // With another length of prefix it is not found when it is to be removed.
        NodeNamespace.Ip("address del 10.1.0.100/32 dev lo");
        NodeNamespace.Ip("address add 10.1.0.100/31 dev lo");
        FilterPlan plan = ServedNode.Plan();
        filter.Apply(plan with { Addresses = [plan.Addresses[1]] });
        Assert.Contains(filter.Status().Notes, note => note.Contains("10.1.0.100/32"));
        Assert.Contains("10.1.0.100/32", File.ReadAllText(node.JournalPath));
        Assert.Equal(FilterReason.NoRule, filter.Trace(_syn, "eth0").Reason);
        IReadOnlyList<string> errors = filter.Detach();
        Assert.Contains(errors, error => error.Contains("the packet filter stays, closed, because this node still has 10.1.0.100:"));
        Assert.Contains("xdp", NodeNamespace.Ip("link show eth0"));
        Assert.DoesNotContain("fd00:1::100", NodeNamespace.Ip("address show lo"));
        NodeNamespace.Ip("address del 10.1.0.100/31 dev lo");
        using PacketFilter next = PacketFilter.Open(node.BpfFolder);
        Assert.False(File.Exists(node.JournalPath));
        Assert.DoesNotContain("xdp", NodeNamespace.Ip("link show eth0"));
        Assert.Empty(next.Detach());
    });

    [RootFact]
    public void WhatWentWithItsInterfaceIsTakenBack() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        NodeNamespace.Ip("link delete eth0");
        Assert.Empty(filter.Detach());
        Assert.False(File.Exists(node.JournalPath));
    });

    [RootFact]
    public void RowsDoNotWaitForAPlan() => Namespaces.Run(node =>
    {
        const int Rounds = 10;
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        byte[] rows = ServedNode.Rows(RowFlags.Mine);
        int finishedBefore = 0;
        for (int i = 0; i < Rounds; i++)
        {
            bool isApplied = false;
            using var begins = new ManualResetEventSlim();
            // A thread of this one: it inherits the namespace.
            var applying = new Thread(() =>
            {
                begins.Set();
                filter.Apply(ServedNode.Plan());
                Volatile.Write(ref isApplied, true);
            });
            applying.Start();
            begins.Wait();
            Thread.Sleep(2);
            filter.InstallRows(0, rows);
            if (!Volatile.Read(ref isApplied))
                finishedBefore++;
            applying.Join();
        }
        Assert.True(finishedBefore > Rounds / 2, $"rows waited for the plan in {Rounds - finishedBefore} of {Rounds} rounds");
        filter.Detach();
    });

    [RootFact]
    public void LeasesAndRowsAllocateNothing() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = ServedNode.Serve(node);
        byte[] rows = ServedNode.Rows(RowFlags.Mine);
        filter.InstallRows(0, rows);
        long beforeBytes = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++)
        {
            filter.InstallRows(0, rows);
            filter.SetLease(0, MonotonicClock.NowNs);
        }
        Assert.Equal(beforeBytes, GC.GetAllocatedBytesForCurrentThread());
        filter.Detach();
    });
}
