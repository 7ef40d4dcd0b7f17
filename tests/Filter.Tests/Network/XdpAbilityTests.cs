using SafeKit.Filter.Probing;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>What the kernel says of a driver without anything being attached; kernels before 6.3 do not say.</summary>
public sealed class XdpAbilityTests
{
    private static readonly bool _tells = Environment.OSVersion.Version >= new Version(6, 3);

    [RootFact]
    public void ADriverWithXdpIsTold() => Namespaces.Run(node =>
    {
        NodeNamespace.Ip("link add eth0 type veth peer name eth1");
        Assert.Equal(_tells ? FilterMode.Native : null, ProbeDevice.Read("eth0").Expected());
    });

    [RootFact]
    public void ADriverWithoutIsTold() => Namespaces.Run(node =>
    {
        NodeNamespace.Ip("link add br0 type bridge");
        Assert.Equal(_tells ? FilterMode.Generic : null, ProbeDevice.Read("br0").Expected());
    });

    [RootFact]
    public void OfAnInterfaceThatIsNotThereNothingIsTold() => Namespaces.Run(_ => Assert.Null(XdpAbility.Read(12345)));
}
