using System.Net;

namespace SafeKit.Modules;

/// <summary>Compares a configuration with the node that shall run it.</summary>
internal static class LiveNodeCheck
{
    private static readonly string[] _scripts = ["start_both", "stop_both"];
    private static readonly string[] _optionalScripts = ["prestart", "poststop", "transition"];
    private static readonly string[] _mirrorScripts = ["prestart", "start_prim", "stop_prim"];

    private static readonly string[] _optionalMirrorScripts =
        ["poststop", "transition", "start_both", "stop_both", "start_second", "stop_second", "start_sec", "stop_sec"];

    public static void Check(UserConfiguration configuration, LiveNode node, FindingList findings)
    {
        foreach (var item in configuration.Vip?.Interfaces ?? [])
        {
            CheckInterface(item, node, findings);
            foreach (var address in item.VirtualAddresses)
                CheckAddress(item, address, node, findings);
        }

        if (node.ScriptsFolder is not null && configuration.User is { } user)
            CheckScripts(user, configuration.Service.Mode == ServiceMode.Mirror, node, findings);
        LiveDirectoryCheck.Check(configuration, findings);
    }

    private static void CheckInterface(VipInterface item, LiveNode node, FindingList findings)
    {
        if (item.Name is not { } name || node.Interfaces.Any(live => live.Name == name))
            return;
        var names = node.Interfaces.Where(live => !live.IsLoopback).Select(live => live.Name);
        findings.Error(
            item.Place,
            $"unknown interface {name}: this node has no such network interface",
            SchemaWalk.Suggest(name, names, "interfaces"));
    }

    private static void CheckAddress(VipInterface item, VirtualAddress address, LiveNode node, FindingList findings)
    {
        // The loopback interface is where this product itself keeps virtual addresses, so it is no conflict.
        var cards = node.Interfaces.Where(live => !live.IsLoopback).ToArray();
        if (Array.Find(cards, live => live.Addresses.Any(own => own.Address.Equals(address.Address))) is { } owner)
        {
            findings.Error(
                address.Place,
                $"virtual address {address.Address} is in use: it is already set on interface {owner.Name}",
                $"choose a free address, or remove this one: ip address del {address.Address} dev {owner.Name}");
            return;
        }

        if (item.Name is null && !Array.Exists(cards, live => live.Addresses.Any(own => Contains(own, address.Address))))
            findings.Error(
                address.Place,
                $"no interface of this node is in the network of {address.Address}",
                "name the interface: <interface name=\"...\">");
    }

    private static bool Contains((IPAddress Address, int PrefixLength) own, IPAddress address) =>
        own.Address.AddressFamily == address.AddressFamily
        && SamePrefix(own.Address.GetAddressBytes(), address.GetAddressBytes(), own.PrefixLength);

    private static bool SamePrefix(byte[] a, byte[] b, int bits)
    {
        for (var i = 0; i < bits && i < a.Length * 8; i++)
        {
            var mask = 0x80 >> (i % 8);
            if ((a[i / 8] & mask) != (b[i / 8] & mask))
                return false;
        }

        return true;
    }

    private static void CheckScripts(UserScriptsConfiguration user, bool isMirror, LiveNode node, FindingList findings)
    {
        foreach (var script in isMirror ? _mirrorScripts : _scripts)
        {
            if (node.ScriptProblem(script) is { } problem)
                findings.Error(
                    user.Place,
                    $"script {script} {problem} in {node.ScriptsFolder}",
                    Remedy(script, problem, node));
        }

        foreach (var script in isMirror ? _optionalMirrorScripts : _optionalScripts)
        {
            if (node.ScriptProblem(script) is { } problem && problem != "is missing")
                findings.Error(
                    user.Place,
                    $"script {script} {problem} in {node.ScriptsFolder}",
                    Remedy(script, problem, node));
        }
    }

    private static string Remedy(string script, string problem, LiveNode node) =>
        problem == "is missing" ? "write it, or remove <user>" : $"chmod +x {Path.Combine(node.ScriptsFolder!, script)}";
}
