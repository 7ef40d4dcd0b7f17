using SafeKit.Core;

namespace SafeKit.Filter.Probing;

/// <summary>What <c>safekit vip test</c> must know of an interface, read without touching it.</summary>
/// <param name="Index">Kernel's number.</param>
/// <param name="Name">Name.</param>
/// <param name="Mac">Its own MAC.</param>
/// <param name="Kind">Kind of a virtual interface; empty for others.</param>
/// <param name="InvisibleProblem">Why it can carry no address with a virtual MAC; empty if it can.</param>
/// <param name="DirectedProblem">Why it can carry no address with its own MAC; empty if it can.</param>
public sealed record ProbeDevice(
    int Index, string Name, MacAddress Mac, string Kind, string InvisibleProblem, string DirectedProblem)
{
    /// <exception cref="SafeKitException">There is no such interface.</exception>
    public static ProbeDevice Read(string name)
    {
        IReadOnlyList<NodeInterface> interfaces = NodeInterface.ReadAll();
        NodeInterface device = NodeInterface.Require(interfaces, name);
        return new ProbeDevice(
            device.Index, name, device.Mac, device.Kind, Problem(device, interfaces, true), Problem(device, interfaces, false));
    }

    /// <summary>How frames of directed addresses are sent on where the filter sits in this mode.</summary>
    public string Sending(FilterMode mode) => InterfaceGuard.SendingOf(mode, Kind);

    /// <summary>Where the filter will sit, as far as can be told without attaching it; null where the kernel does not say.</summary>
    public FilterMode? Expected() => InterfaceGuard.MayBeNative(Kind)
        ? XdpAbility.Read(Index) switch
        {
            true => FilterMode.Native,
            false => FilterMode.Generic,
            null => null,
        }
        : FilterMode.Generic;

    private static string Problem(NodeInterface device, IReadOnlyList<NodeInterface> interfaces, bool usesVirtualMac)
    {
        try
        {
            InterfaceCheck.Check(device, interfaces, usesVirtualMac);
            return "";
        }
        catch (SafeKitException e)
        {
            return e.Message;
        }
    }
}
