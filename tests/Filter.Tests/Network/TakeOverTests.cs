using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>What an earlier process left works on under the next one, whatever becomes of the new version.</summary>
public sealed class TakeOverTests
{
    [RootFact]
    public void AKilledDaemonsFilterWorksOnWithItsRowsAndLease() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        long leaseNs = Leave(node, out long taken);
        using PacketFilter next = PacketFilter.Open(node.BpfFolder);
        Assert.True(next.HasTakenOver);
        Assert.Empty(next.Status().Notes);
        Assert.Equal(leaseNs, next.Lease(0));
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        Assert.True(next.Status().Counters["taken"] > taken);
        next.Apply(ServedNode.Plan());
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        Assert.Empty(next.Detach());
        Assert.DoesNotContain("xdp", NodeNamespace.Ip("link show eth0"));
    });

    [RootFact]
    public void AVersionThatDoesNotLoadLeavesTheOldOneInForce() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Leave(node, out _);
        using PacketFilter next = PacketFilter.OpenWith(node.BpfFolder, [1, 2, 3]);
        Assert.Contains(next.Status().Notes, note => note.Contains("the earlier one stays in force"));
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        next.SetLease(0, 0);
        Assert.NotNull(node.TryClient("ping -c 1 -W 1 10.1.0.100").Error);
        Assert.Empty(next.Detach());
    });

    [RootFact]
    public void MapsOfAnotherMeaningAreClosedAndReplaced() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Leave(node, out _);
        int control = new BpfFolder(node.BpfFolder).TryOpen("control");
        using (var shared = new SharedArray<ControlEntry>(control, 1))
            shared[0].Layout = SharedLimits.Layout + 1;
        LibC.close(control);
        using PacketFilter next = PacketFilter.Open(node.BpfFolder);
        Assert.False(next.HasTakenOver);
        Assert.Contains(next.Status().Notes, note => note.Contains("replaced"));
        Assert.DoesNotContain("xdp", NodeNamespace.Ip("link show eth0"));
        Assert.DoesNotContain("10.1.0.100", NodeNamespace.Ip("address show lo"));
        Assert.Equal(0, next.Lease(0));
        next.Detach();
    });

    /// <summary>Serves, and ends without a word.</summary>
    private static long Leave(NodeNamespace node, out long taken)
    {
        using PacketFilter filter = ServedNode.Serve(node);
        Assert.Null(node.TryClient("ping -c 1 -W 5 10.1.0.100").Error);
        taken = filter.Status().Counters["taken"];
        return filter.Lease(0);
    }
}
