using System.Net;
using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

public sealed class ConfigurationCheckTests
{
    private static readonly LiveNode _node = new(
        [
            new LiveInterface("lo", true, [(IPAddress.Parse("127.0.0.1"), 8), (IPAddress.Parse("10.0.0.50"), 32)]),
            new LiveInterface("eth0", false, [(IPAddress.Parse("10.0.0.1"), 24), (IPAddress.Parse("10.0.0.60"), 24)]),
        ],
        null);

    [Fact]
    public void TheSampleIsGood()
    {
        var farm = Samples.Value(Samples.ReadUser(Samples.Farm));
        Assert.Empty(ConfigurationCheck.Check(farm, Samples.ReadCluster(Samples.TwoNodes).Value, _node));
    }

    [Theory]
    [InlineData("<lan name=\"default\"/>", "<lan name=\"defualt\"/>", "lan defualt is not in cluster.xml", "did you mean default?")]
    [InlineData("<host name=\"node2\"/>", "<host name=\"nod2\"/>", "host nod2 is no node", "did you mean node2?")]
    [InlineData("<rule virtual_addr=\"%VIP%\"", "<rule virtual_addr=\"10.0.0.51\"", "no virtual address of this module", "10.0.0.50")]
    [InlineData("value=\"10.0.0.50\"", "value=\"10.0.0.2\"", "is in use: it is the address of node node2", "free address")]
    [InlineData("value=\"10.0.0.50\"", "value=\"10.0.0.60\"", "is in use: it is already set on interface eth0", "ip address del 10.0.0.60 dev eth0")]
    [InlineData("value=\"10.0.0.50\"", "value=\"10.7.0.50\"", "no interface of this node is in the network of 10.7.0.50", "name the interface")]
    [InlineData("<interface>", "<interface name=\"eht0\">", "unknown interface eht0", "did you mean eth0?")]
    [InlineData("</virtual_interface>", "<virtual_addr addr=\"%VIP%\"/></virtual_interface>", "virtual address 10.0.0.50 appears twice", "keep one")]
    [InlineData("port=\"443\"", "port=\"443\" />\n<rule virtual_addr=\"%VIP%\" port=\"443\"", "two rules cover the same", "keep one")]
    [InlineData("<group name=\"web\">", "<group name=\"empty\"/><group name=\"web\">", "group empty has no rule", "add a <rule>")]
    [InlineData("<group name=\"web\">", "<group name=\"web\"><rule port=\"1\" proto=\"udp\" filter=\"on_addr\"/></group><group name=\"web\">", "two groups have the name web", "give each its own")]
    [InlineData("<farm>\n      <lan name=\"default\"/>\n    </farm>", "", "a farm module needs <farm>", "add <farm>")]
    [InlineData("<check>", "<rfs><replicated dir=\"/a\"/></rfs><check>", "<rfs> belongs to mirror modules", "mode=\"mirror\"")]
    [InlineData("<check>", "<heart><heartbeat name=\"default\"/></heart><check>", "<heart> belongs to mirror modules", "mode=\"mirror\"")]
    public void WhatWouldFailLaterIsFoundNow(string old, string replacement, string message, string remedy)
    {
        var result = Samples.FarmWith(old, replacement.Contains("443\" />") ? replacement.Replace(" />", " proto=\"tcp\" filter=\"on_addr\"/>") : replacement);
        var configuration = Samples.Value(result);
        var findings = ConfigurationCheck.Check(configuration, Samples.ReadCluster(Samples.TwoNodes).Value, _node);
        var error = Assert.Single(findings, finding => finding.Message.Contains(message));
        Assert.Equal(Severity.Error, error.Severity);
        Assert.Contains(remedy, error.Remedy);
        Assert.True(error.Line > 0);
    }

    [Fact]
    public void TrafficThatNoScriptCanOpenIsAnError()
    {
        var text = Samples.Farm.Replace("<vip>", "<vip scriptcontrol=\"on\">");
        Assert.Empty(ConfigurationCheck.Check(Samples.Value(Samples.ReadUser(text))));
        var start = text.IndexOf("<user ", StringComparison.Ordinal);
        text = text.Remove(start, text.IndexOf("</service>", StringComparison.Ordinal) - start);
        var findings = ConfigurationCheck.Check(Samples.Value(Samples.ReadUser(text)));
        Assert.Contains(findings, finding => finding.Severity == Severity.Error && finding.Message.StartsWith("scriptcontrol=\"on\" and no <user>", StringComparison.Ordinal));
    }

    /// <summary>The documented limits: at each everything is good, one beyond is an error with place and remedy.</summary>
    [Theory]
    [InlineData(Limits.NodesMax, true)]
    [InlineData(Limits.NodesMax + 1, false)]
    public void NodesAreLimited(int nodes, bool isGood)
    {
        var list = string.Concat(Enumerable.Range(1, nodes).Select(node => $"<node name=\"n{node}\" addr=\"10.9.{node / 200}.{1 + (node % 200)}\"/>"));
        var result = Samples.ReadCluster($"<cluster><lans><lan name=\"default\">{list}</lan></lans></cluster>");
        Assert.Equal(isGood, result.Ok);
        if (isGood)
            Assert.Equal(nodes, result.Value!.Nodes.Count);
        else
            Assert.Contains(result.Errors, error => error.Message == "a cluster has at most 128 nodes, here are 129" && error.Line > 0 && error.Remedy.Length > 0);
    }

    [Theory]
    [InlineData(Limits.GroupsMax, true)]
    [InlineData(Limits.GroupsMax + 1, false)]
    public void GroupsAreLimited(int groups, bool isGood)
    {
        // Two addresses, because the rules of one are limited, too.
        var list = string.Concat(Enumerable.Range(1, groups).Select(group =>
            $"<group name=\"g{group}\"><rule virtual_addr=\"10.0.0.5{group % 3}\" port=\"{group}\" proto=\"tcp\" filter=\"on_addr\"/></group>"));
        var start = Samples.Farm.IndexOf("<group ", StringComparison.Ordinal);
        var end = Samples.Farm.IndexOf("</loadbalancing_list>", StringComparison.Ordinal);
        var text = Samples.Farm[..start] + list + Samples.Farm[end..];
        text = text.Replace("</virtual_interface>", "<virtual_addr addr=\"10.0.0.51\"/><virtual_addr addr=\"10.0.0.52\"/></virtual_interface>");
        var findings = ConfigurationCheck.Check(Samples.Value(Samples.ReadUser(text)));
        Assert.Equal(isGood, findings.Count == 0);
        if (!isGood)
            Assert.Contains(findings, error => error.Message == "a node has at most 64 groups, here are 65" && error.Line > 0 && error.Remedy.Length > 0);
    }

    [Fact]
    public void ANamedInterfaceNeedsNoAddressInTheNetwork()
    {
        var text = Samples.Farm.Replace("10.0.0.50", "10.7.0.50").Replace("<interface>", "<interface name=\"eth0\">");
        Assert.Empty(ConfigurationCheck.Check(Samples.Value(Samples.ReadUser(text)), null, _node));
    }

    [Fact]
    public void ScriptsMustExistAndRun()
    {
        using var folder = new TemporaryFolder();
        folder.Write("start_both", "#!/bin/sh\n");
        folder.Write("prestart", "#!/bin/sh\n");
        var node = _node with { ScriptsFolder = folder.Path };
        var findings = ConfigurationCheck.Check(Samples.Value(Samples.ReadUser(Samples.Farm)), null, node);
        Assert.Equal(3, findings.Count);
        Assert.Contains(findings, finding => finding.Message.StartsWith("script start_both is not executable", StringComparison.Ordinal) && finding.Remedy.StartsWith("chmod +x ", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Message.StartsWith("script stop_both is missing", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Message.StartsWith("script prestart is not executable", StringComparison.Ordinal));
    }

    [Fact]
    public void LightModulesHaveNoFarmAndNoAddress()
    {
        var configuration = Samples.Value(Samples.FarmWith("mode=\"farm\"", "mode=\"light\""));
        Assert.Equal(2, ConfigurationCheck.Check(configuration).Count(finding => finding.Severity == Severity.Error));
    }

    [Fact]
    public void AnyFileIsToldApartByItsRoot()
    {
        using var folder = new TemporaryFolder();
        Assert.Empty(ConfigurationCheck.CheckFile(folder.Write("one.xml", Samples.TwoNodes), Samples.NoEnvironment));
        Assert.Empty(ConfigurationCheck.CheckFile(folder.Write("two.xml", Samples.Farm), Samples.NoEnvironment));
        Assert.Single(ConfigurationCheck.CheckFile(folder.Write("three.xml", "<cluster>"), Samples.NoEnvironment));
        Assert.Single(ConfigurationCheck.CheckFile(folder.Path + "/none", Samples.NoEnvironment));
    }

    [Fact]
    public void TheLiveNodeHasALoopbackInterface() =>
        Assert.Contains(LiveNode.Read(null).Interfaces, live => live.IsLoopback && live.Addresses.Any(own => own.Address.Equals(IPAddress.Loopback)));
}
