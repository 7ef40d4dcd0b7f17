using System.Net;
using SafeKit.Core;
using SafeKit.Filter.Tests.Support;
using static SafeKit.Filter.Tests.Support.World;

namespace SafeKit.Filter.Tests.Network;

/// <summary>An address that another machine has is found before it is taken, on a real link.</summary>
public sealed class AddressProbeTests
{
    [RootTheory]
    [InlineData("10.1.0.7")]
    [InlineData("fd00:1::7")]
    public void AnotherMachinesAddressIsFound(string taken) => Namespaces.Run(node =>
    {
        node.ConnectClient();
        string message = Assert.Throws<SafeKitException>(
            () => AddressProbe.Check([Address(IPAddress.Parse(taken), ClientMac.Value + 1)])).Message;
        Assert.Contains(taken, message);
        Assert.Contains("in use by another machine", message);
    });

    [RootFact]
    public void AnAddressThatAnswersWithTheVirtualMacIsTheFarms() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        AddressProbe.Check([Address(Client, ClientMac.Value), Address(Client6, ClientMac.Value)]);
    });

    [RootFact]
    public void AFreeAddressIsFree() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        AddressProbe.Check([Address(IPAddress.Parse("10.1.0.77"), 1), Address(IPAddress.Parse("fd00:1::77"), 1)]);
    });

    [RootFact]
    public void AnInterfaceThatGoesAwayIsToldSo() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        Exception? seen = null;
        var probing = new Thread(() => seen = Record.Exception(() => AddressProbe.Check([Address(IPAddress.Parse("10.1.0.77"), 1)])));
        probing.Start();
        Thread.Sleep(150);
        NodeNamespace.Ip("link delete eth0");
        probing.Join();
        // The interface may have gone before it was found, or after the last question.
        if (seen is not null)
            Assert.Contains("interface eth0", Assert.IsType<SafeKitException>(seen).Message);
    });

    [RootFact]
    public void ALinkThatIsDownDoesNotMatter() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        NodeNamespace.Ip("link set eth0 down");
        AddressProbe.Check([Address(IPAddress.Parse("10.1.0.77"), 1)]);
    });

    [RootFact]
    public void AnUnknownInterfaceIsNamedWithThoseThatExist() => Namespaces.Run(node =>
    {
        node.ConnectClient();
        string message = Assert.Throws<SafeKitException>(
            () => AddressProbe.Check([new FilterAddress(Vip, "eth77", default, [])])).Message;
        Assert.Contains("eth77", message);
        Assert.Contains("lo", message);
    });

    private static FilterAddress Address(IPAddress address, ulong virtualMac) => new(address, "eth0", new MacAddress(virtualMac), []);
}
