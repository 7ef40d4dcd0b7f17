using SafeKit.Core;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>The way of kernels without tcx, on this one.</summary>
public sealed class ClsactTests
{
    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void AttachesAnswersAndLeavesNothing(bool isXdpTaken) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using var other = new KernelNode();
        if (isXdpTaken)
            InterfaceGuard.Attach(other.Filter, new BpfFolder(node.BpfFolder + "-other"), NodeInterface.ReadAll().First(one => one.Name == "eth0"));
        using PacketFilter filter = Serve(node);
        InterfaceStatus status = Assert.Single(filter.Status().Interfaces);
        Assert.Equal(isXdpTaken ? FilterMode.Tc : FilterMode.Native, status.Mode);
        Assert.EndsWith("; clsact: this kernel has no tcx", status.Reason);
        Assert.Contains("handle 0x5afe", Filters());
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        Assert.Null(node.TryClient("ping -c 1 -W 5 fd00:1::100").Error);
        Assert.Contains($"10.1.0.100 dev eth0 lladdr {World.VirtualMac}", node.ClientIp("neighbour show"));
        filter.InstallRows(0, ServedNode.Rows(RowFlags.None));
        Assert.NotNull(node.TryClient("ping -c 1 -W 1 10.1.0.100").Error);
        Assert.NotEqual(0, filter.Status().Counters["not_mine"]);
        filter.Detach();
        Assert.DoesNotContain("clsact", Disciplines());
        Assert.True(new BpfFolder(node.BpfFolder).IsEmpty);
    });

    [RootFact]
    public void AKilledDaemonsFilterIsTakenOver() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Serve(node).Dispose();
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        using (PacketFilter next = PacketFilter.OpenWithoutTcx(node.BpfFolder))
        {
            Assert.True(next.HasTakenOver);
            next.Apply(ServedNode.Plan());
            Assert.Single(Filters().Split('\n'), line => line.Contains("handle 0x5afe"));
            Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        }
        // As after an unmounted folder: nothing tells of the filter, and it is replaced in its place.
        Assert.Null(Tool.Try(out _, "umount", node.BpfFolder));
        using PacketFilter last = Serve(node);
        Assert.Single(Filters().Split('\n'), line => line.Contains("handle"));
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        last.Detach();
        Assert.Equal("", Filters().Trim());
    });

    [RootTheory]
    [InlineData("ingress")]
    [InlineData("egress")]
    public void WhatOthersHaveThereStays(string direction) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        using PacketFilter filter = Serve(node);
        AddOther(node, direction, "all", "7");
        filter.Detach();
        Assert.Null(Tool.Try(out string rest, "tc", "filter", "show", "dev", "eth0", direction));
        Assert.Contains("pref 7 bpf", rest);
        Assert.DoesNotContain("0x5afe", rest);
    });

    [RootFact]
    public void AnotherFilterInItsPlaceIsNamed() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Assert.Null(Tool.Try(out _, "tc", "qdisc", "add", "dev", "eth0", "clsact"));
        using PacketFilter filter = PacketFilter.OpenWithoutTcx(node.BpfFolder);
        AddOther(node, "ingress", "ip", "1");
        string message = Assert.Throws<SafeKitException>(() => filter.Apply(ServedNode.Plan())).Message;
        Assert.Contains("attach the packet filter to eth0 at tc ingress (clsact)", message);
        Assert.Contains("another filter of priority 1", message);
        Assert.Contains("protocol ip pref 1 bpf", Filters());
        filter.Detach();
        Assert.Contains("protocol ip pref 1 bpf", Filters());
    });

    private static PacketFilter Serve(NodeNamespace node)
    {
        PacketFilter filter = PacketFilter.OpenWithoutTcx(node.BpfFolder);
        filter.Apply(ServedNode.Plan());
        filter.InstallRows(0, ServedNode.Rows(RowFlags.Mine));
        filter.SetLease(0, MonotonicClock.NowNs + MonotonicClock.FromMs(3_600_000));
        return filter;
    }

    private static void AddOther(NodeNamespace node, string direction, string protocol, string priority) =>
        Assert.Null(Tool.Try(out _, "tc", "filter", "add", "dev", "eth0", direction, "protocol", protocol, "prio", priority,
            "bpf", "direct-action", "object-pinned", Path.Combine(node.BpfFolder, "companion")));

    private static string Filters()
    {
        Assert.Null(Tool.Try(out string filters, "tc", "filter", "show", "dev", "eth0", "ingress"));
        return filters;
    }

    private static string Disciplines()
    {
        Assert.Null(Tool.Try(out string disciplines, "tc", "qdisc", "show", "dev", "eth0"));
        return disciplines;
    }
}
