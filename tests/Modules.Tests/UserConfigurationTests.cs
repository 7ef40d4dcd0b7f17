using System.Net;
using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

public sealed class UserConfigurationTests
{
    private const string Minimal = """<safe><service mode="light"/></safe>""";

    [Fact]
    public void TheSampleIsReadWhole()
    {
        var result = Samples.ReadUser(Samples.Farm);
        Assert.Empty(result.Findings);
        var farm = result.Value!;
        Assert.Equal((ServiceMode.Farm, BootMode.Auto, 3), (farm.Service.Mode, farm.Service.Boot, farm.Service.MaxLoop));
        Assert.Equal(["default"], farm.Farm!.Lans);
        var address = Assert.Single(farm.Vip!.VirtualAddresses);
        Assert.Equal((IPAddress.Parse("10.0.0.50"), AddressPlacement.Alias, 24), (address.Address, address.Where, address.PrefixLength));
        var group = Assert.Single(farm.Vip.LoadBalancingGroups);
        Assert.Equal((2, 1, 0), (group.PowerOf("node1"), group.PowerOf("node2"), group.PowerOf("node3")));
        Assert.Equal((80, HashInput.Address, (IPAddress?)null), (group.Rules[0].Port, group.Rules[0].Filter, group.Rules[0].VirtualAddress));
        Assert.Equal((443, HashInput.AddressAndPort, address.Address), (group.Rules[1].Port, group.Rules[1].Filter, group.Rules[1].VirtualAddress));
        Assert.Equal((60, 300, "nginx"), (farm.User!.NiceStopTimeoutSeconds, farm.User.ForceStopTimeoutSeconds, farm.User.Variables["SERVICES"]));
        var tcp = Assert.Single(farm.Checkers.Tcp);
        Assert.Equal(("tcp.web", "t_web", 80, TimeSpan.FromSeconds(2)), (tcp.Resource, tcp.Rule, tcp.Port, tcp.Interval));
    }

    [Fact]
    public void DefaultsAreThoseOfTheReference()
    {
        var service = Samples.Value(Samples.ReadUser(Minimal)).Service;
        Assert.Equal((BootMode.Ignore, TimeSpan.Zero, 3, TimeSpan.FromHours(24)), (service.Boot, service.BootDelay, service.MaxLoop, service.LoopInterval));
        Assert.False(service.AutomaticReboot);
        var farm = Samples.Value(Samples.FarmWith(" interval=\"2s\" timeout=\"1s\"", ""));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)), (farm.Checkers.Tcp[0].Interval, farm.Checkers.Tcp[0].Timeout));
        Assert.Equal(CheckerAction.Restart, farm.Checkers.Tcp[0].Action);
        var vip = farm.Vip!;
        Assert.Equal((true, false, true), (vip.TcpReset, vip.ScriptControl, vip.SynCookies));
        var item = vip.Interfaces[0];
        Assert.Equal((true, false, 60, 1200, (string?)null), (item.Check, item.ArpReroute, item.ArpIntervalSeconds, item.ArpElapseSeconds, item.Name));
        Assert.True(farm.User!.Logging);
        Assert.Equal(2048, farm.User.UserLogSizeKb);
        Assert.Null(farm.Farm!.Port);
        Assert.Equal((4803, 4809), (farm.Farm.PortOf(1), farm.Farm.PortOf(3)));
    }

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void SynCookies(string value, bool expected) =>
        Assert.Equal(expected, Samples.Value(Samples.FarmWith("<vip>", $"<vip syncookies=\"{value}\">")).Vip!.SynCookies);

    [Theory]
    [InlineData("boot=\"auto\"", "boot=\"maybe\"", "expected on or off or auto or ignore")]
    [InlineData("boot=\"auto\"", "boot_delay=\"1500ms\"", "expected time unit s")]
    [InlineData("boot=\"auto\"", "boot_delay=\"0h\"", "expected time unit s")]
    [InlineData("boot=\"auto\"", "boot_delay=\"-1\"", "whole number")]
    [InlineData("boot=\"auto\"", "boot_delay=\"99999999999999999999\"", "at most 20 days")]
    [InlineData("boot=\"auto\"", "boot_delay=\"9999999999\"", "at most 20 days")]
    [InlineData("boot=\"auto\"", "boot_delay=\"1728001\"", "at most 20 days")]
    [InlineData("boot=\"auto\"", "boot_delay=\"21d\"", "at most 20 days")]
    [InlineData("loop_interval=\"24h\"", "loop_interval=\"300000000\"", "at most 20 days")]
    [InlineData("loop_interval=\"24h\"", "loop_interval=\"481\"", "at most 20 days")]
    [InlineData("interval=\"2s\"", "interval=\"2147483647\"", "at most 20 days")]
    [InlineData("timeout=\"1s\"", "timeout=\"99999999999999999999999d\"", "at most 20 days")]
    [InlineData("nicestoptimeout=\"1m\"", "nicestoptimeout=\"4294968\"", "at most 20 days")]
    [InlineData("nicestoptimeout=\"1m\"", "forcestoptimeout=\"9223372036854775807d\"", "at most 20 days")]
    [InlineData("<interface>", "<interface arpinterval=\"30d\">", "at most 20 days")]
    [InlineData("<interface>", "<interface arpelapse=\"2147483648\">", "at most 20 days")]
    [InlineData("maxloop=\"3\"", "maxloop=\"2147483648\"", "from 0 to 1000000")]
    [InlineData("nicestoptimeout=\"1m\"", "userlogsize=\"99999999999\"", "from 0 to 2147483647")]
    [InlineData("netmask=\"255.255.255.0\"", "netmask=\"99999999999\"", "expected a network mask")]
    [InlineData("loop_interval=\"24h\"", "loop_interval=\"90m\"", "expected time unit h")]
    [InlineData("maxloop=\"3\"", "maxloop=\"three\"", "whole number")]
    [InlineData("mode=\"farm\"", "mode=\"fram\"", "expected mirror or farm or light")]
    [InlineData(" mode=\"farm\"", "", "lacks its attribute mode")]
    [InlineData("<lan name=\"default\"/>", "", "<farm> names no lan")]
    [InlineData("<farm>", "<farm port=\"70000\">", "from 1 to 65535")]
    [InlineData("type=\"vmac_invisible\"", "addr=\"01:00:5E:00:00:01\"", "unicast")]
    [InlineData("type=\"vmac_invisible\"", "addr=\"5A:FE:01\"", "expected a MAC address")]
    [InlineData("where=\"alias\"", "where=\"one_side\"", "only mirror modules")]
    [InlineData("255.255.255.0", "255.0.255.0", "expected a network mask")]
    [InlineData("%VIP%\" where", "224.0.0.1\" where", "one host can have")]
    [InlineData("%VIP%\" where", "127.0.0.1\" where", "one host can have")]
    [InlineData("<farm>", "<farm pulse=\"4\">", "at least 5ms")]
    [InlineData("<farm>", "<farm pulse=\"60001\">", "at most 60000ms")]
    [InlineData("<farm>", "<farm pulse=\"2m\">", "at most 60000ms")]
    [InlineData("<farm>", "<farm mlost_count=\"1\">", "from 2 to 1000")]
    [InlineData("<farm>", "<farm mlost_count=\"1001\">", "from 2 to 1000")]
    [InlineData("<farm>", "<farm slost_count=\"1\">", "from 2 to 1000")]
    [InlineData("<farm>", "<farm slost_count=\"2147483648\">", "from 2 to 1000")]
    [InlineData("<farm>", "<farm pulse=\"60s\" slost_count=\"1000\">", "the limit is 3600 s")]
    [InlineData("<farm>", "<farm pulse=\"60s\" mlost_count=\"58\">", "the limit is 3600 s")]
    [InlineData("power=\"2\"", "power=\"1073741825\"", "from 0 to 1073741824")]
    [InlineData("power=\"2\"", "power=\"-1\"", "from 0")]
    [InlineData("proto=\"tcp\" filter=\"on_addr\"", "proto=\"tcp\" filter=\"on_ipid\"", "UDP over IPv4 only")]
    [InlineData("proto=\"tcp\" filter=\"on_addr\"", "filter=\"on_addr\"", "lacks its attribute proto")]
    [InlineData("port=\"%PORT%\" proto", "port=\"0\" proto", "from 1 to 65535")]
    [InlineData("ident=\"web\"", "", "lacks its attribute ident")]
    [InlineData("ident=\"web\" when=\"both\"", "ident=\"web\" action=\"wait\"", "expected stop or stopstart or restart or noaction")]
    [InlineData("ident=\"web\" when=\"both\"", "ident=\"web\" when=\"pre\" action=\"restart\"", "expected wait or noaction")]
    [InlineData("interval=\"2s\"", "interval=\"0\"", "at least 1s")]
    [InlineData("addr=\"127.0.0.1\"", "addr=\"127.1\"", "expected an IPv4 address")]
    [InlineData("addr=\"127.0.0.1\"", "addr=\"a b\"", "expected an IPv4 address")]
    [InlineData("<var name=\"SERVICES\"", "<var name=\"A-B\"", "letters, digits")]
    [InlineData(" value=\"nginx\"", "", "lacks its attribute value")]
    [InlineData("<check>", "<heart/><check>", "<heart> names no heartbeat")]
    [InlineData("<interface_list>", "<interface_list/><interface_list>", "<interface_list> appears twice")]
    [InlineData("</virtual_interface>", "</virtual_interface><real_interface><virtual_addr addr=\"10.0.0.9\"/></real_interface>", "serves mirror modules")]
    public void WhatIsWrongIsAnErrorWithPlaceAndRemedy(string old, string replacement, string message)
    {
        var result = Samples.FarmWith(old, replacement);
        Assert.Null(result.Value);
        Assert.Contains(result.Errors, error => error.Message.Contains(message) && error.Line > 0 && error.Column > 0 && error.Remedy.Length > 0);
    }

    [Theory]
    [InlineData("boot=\"auto\"", "boot_delay=\"2m\"")]
    [InlineData("boot=\"auto\"", "boot_delay=\"2000ms\"")]
    [InlineData("boot=\"auto\"", "boot_delay=\"0\"")]
    [InlineData("loop_interval=\"24h\"", "loop_interval=\"0\"")]
    [InlineData("loop_interval=\"24h\"", "loop_interval=\"1d\"")]
    [InlineData("loop_interval=\"24h\"", "loop_interval=\"480\"")]
    [InlineData("<vip>", "<vip scriptcontrol=\"off\" tcpreset=\"off\">")]
    [InlineData("<vip>", "<vip scriptcontrol=\"on\" tcpreset=\"on\">")]
    [InlineData("<vip>", "<vip syncookies=\"off\">")]
    [InlineData("<interface>", "<interface arpreroute=\"off\">")]
    [InlineData("where=\"alias\"", "connections=\"off\"")]
    [InlineData("boot=\"auto\"", "failover=\"on\"")]
    [InlineData("boot=\"auto\"", "boot_delay=\"20d\"")]
    [InlineData("interval=\"2s\" timeout=\"1s\"", "interval=\"1728000\" timeout=\"1728000000ms\"")]
    [InlineData("<farm>", "<farm port=\"65535\" pulse=\"5\" mlost_count=\"1000\" slost_count=\"2\">")]
    [InlineData("<farm>", "<farm pulse=\"60s\" mlost_count=\"57\">")]
    [InlineData("type=\"vmac_invisible\"", "type=\"vmac_invisible\" addr=\"5a-fe-01-02-03-04\"")]
    [InlineData("%VIP%\" where", "fd00::50\" where")]
    [InlineData("netmask=\"255.255.255.0\"", "netmask=\"32\"")]
    [InlineData("power=\"2\"", "power=\"63\"")]
    [InlineData("port=\"%PORT%\" proto=\"tcp\" filter=\"on_addr\"", "proto=\"udp\" filter=\"on_ipid\"")]
    [InlineData("type=\"vmac_invisible\"", "type=\"vmac_directed\"")]
    [InlineData("on_addr", "ON_ADDR")]
    [InlineData("addr=\"127.0.0.1\"", "addr=\"not-resolved.example\"")]
    [InlineData("addr=\"127.0.0.1\"", "addr=\"[::1]\"")]
    public void BorderlineValuesAreGood(string old, string replacement)
    {
        var text = replacement.StartsWith("fd00", StringComparison.Ordinal)
            ? Samples.Farm.Replace(" netmask=\"255.255.255.0\"", "").Replace(old, replacement)
            : Samples.Farm.Replace(old, replacement);
        Assert.Empty(Samples.ReadUser(text).Findings);
    }

    [Theory]
    [InlineData("10.0.0.50", "5AFE0A000032")]
    [InlineData("192.168.56.20", "5AFEC0A83814")]
    [InlineData("fd00::1:2", "5AFE00010002")]
    public void TheVirtualMacComesFromTheAddress(string address, string mac)
    {
        var text = Samples.Farm.Replace(" netmask=\"255.255.255.0\"", "").Replace("\"VIP\" value=\"10.0.0.50\"", $"\"VIP\" value=\"{address}\"");
        Assert.Equal(mac, Samples.Value(Samples.ReadUser(text)).Vip!.Interfaces[0].VirtualInterfaces[0].Mac.ToString());
    }

    [Theory]
    [InlineData("<check>", "<errd/><check>", "<errd> is not supported yet in this version")]
    [InlineData("<check>", "<failover/><check>", "<failover> is not supported yet in this version")]
    [InlineData("<check>", "<check><ping ident=\"p\"><to addr=\"10.0.0.1\"/></ping>", "<ping> is not supported yet in this version")]
    [InlineData("when=\"both\"", "when=\"second\"", "never runs")]
    [InlineData("<rule port=\"%PORT%\"", "<rule proto=\"arp\" filter=\"on_addr\"/><rule port=\"%PORT%\"", "the rule is ignored")]
    [InlineData("<check>", "some text<check>", "text in <service> is ignored")]
    public void WhatIsNotServedIsAWarning(string old, string replacement, string message)
    {
        var result = Samples.FarmWith(old, replacement);
        Assert.True(result.Ok);
        var finding = Assert.Single(result.Findings);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains(message, finding.Message);
    }

    [Theory]
    [InlineData("<interface>", "<interface arpreroute=\"on\">", "arpreroute")]
    [InlineData("where=\"alias\"", "connections=\"on\"", "connections")]
    [InlineData("boot=\"auto\"", "failover=\"off\"", "failover")]
    public void WhatHasNoEffectIsANote(string old, string replacement, string attribute)
    {
        var result = Samples.FarmWith(old, replacement);
        Assert.True(result.Ok);
        var finding = Assert.Single(result.Findings);
        Assert.Equal(Severity.Note, finding.Severity);
        Assert.StartsWith($"attribute {attribute} of <", finding.Message);
        Assert.EndsWith("has no effect in this version", finding.Message);
        Assert.True(finding.Line > 0 && finding.Remedy.Length > 0);
    }

    /// <summary>A chain of powers is told, for who writes 100 to 1 may have wanted a share.</summary>
    [Theory]
    [InlineData(63, false)]
    [InlineData(64, true)]
    [InlineData(1 << 30, true)]
    public void AChainOfPowersIsANote(int power, bool isChain)
    {
        var result = Samples.FarmWith("power=\"2\"", $"power=\"{power}\"");
        Assert.True(result.Ok);
        Assert.Equal(isChain, result.Findings.Count == 1);
        Assert.All(result.Findings, finding => Assert.StartsWith("node2 has no traffic while node1 serves", finding.Message));
        Assert.All(result.Findings, finding => Assert.Equal(Severity.Note, finding.Severity));
    }

    [Fact]
    public void TheOldLanSyntaxIsFoundByItsAddresses()
    {
        var result = Samples.FarmWith("<lan name=\"default\"/>", "<lan><node name=\"node1\" addr=\"10.0.0.1\"/><node name=\"node2\" addr=\"10.0.0.2\"/></lan>");
        Assert.Equal(Severity.Note, Assert.Single(result.Findings).Severity);
        Assert.Equal(["default"], result.Value!.Farm!.LanNames(Samples.ReadCluster(Samples.TwoNodes).Value!));
    }

    [Fact]
    public void TheSignatureCountsContentOnly()
    {
        var one = Samples.ReadUser(Samples.Farm).Value!;
        var same = Samples.ReadUser(Samples.Farm.Replace("<check>", "\n\n<!-- here -->  <check>").Replace("maxloop=\"3\" loop_interval=\"24h\"", "loop_interval='24h' maxloop='3'")).Value!;
        var other = Samples.ReadUser(Samples.Farm.Replace("power=\"2\"", "power=\"3\"")).Value!;
        Assert.Equal(one.Signature, same.Signature);
        Assert.NotEqual(one.Signature, other.Signature);
    }

    [Fact]
    public void ADirectedAddressHasARuleThatSpreadsItsEntries()
    {
        var result = Directed("on_addr");
        Assert.Empty(result.Findings);
        var vip = result.Value!.Vip!;
        Assert.Equal(VirtualInterfaceType.VmacDirected, vip.Interfaces[0].VirtualInterfaces[0].Type);
        var rule = vip.LoadBalancingGroups[0].Rules[0];
        Assert.Equal((RuleProtocol.Arp, Core.HashInput.Address), (rule.Protocol, rule.Filter));
    }

    [Fact]
    public void WhoAsksForAnAddressHasNoPort()
    {
        var finding = Assert.Single(Directed("on_port").Findings);
        Assert.Equal(Severity.Error, finding.Severity);
        Assert.Contains("has an address and nothing else", finding.Message);
    }

    private static ConfigurationResult<UserConfiguration> Directed(string filter) => Samples.ReadUser(Samples.Farm
        .Replace("vmac_invisible", "vmac_directed")
        .Replace("<rule port=\"%PORT%\"", $"<rule proto=\"arp\" filter=\"{filter}\"/><rule port=\"%PORT%\""));
}
