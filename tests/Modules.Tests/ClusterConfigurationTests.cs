using System.Net;
using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

public sealed class ClusterConfigurationTests
{
    [Fact]
    public void TheSampleIsRefusedOnlyForItsCommandLan()
    {
        var error = Samples.Error(Samples.ReadCluster(Samples.Cluster).Findings);
        Assert.Contains("lacks node node3", error.Message);
        Assert.Equal((4, 5), (error.Line, error.Column));
    }

    [Fact]
    public void EverythingIsRead()
    {
        var text = Samples.Cluster.Replace(" command=\"on\"", "").Replace("<lan name=\"private\">", "<lan name=\"private\" command=\"on\">");
        var cluster = Samples.ReadCluster(text).Value!;
        Assert.Equal((4800, 100, 20, 10), (cluster.Port, cluster.PulseMs, cluster.MlostCount, cluster.SlostCount));
        Assert.Equal(["node1", "node2", "node3"], cluster.Nodes);
        Assert.Equal(new NodeId(2), cluster.NodeByName("node3"));
        Assert.Null(cluster.NodeByName("node4"));
        Assert.Equal("private", cluster.CommandLan.Name);
        Assert.Equal(IPAddress.Parse("fd00::1"), cluster.Lan("private")!.Node("node1")!.Address);
        Assert.Equal(IPAddress.Parse("192.168.7.2"), cluster.Lans[0].Nodes[1].BindAddress);
    }

    [Theory]
    [InlineData("<lans>", "<lans >\n<!-- a comment -->", true)]
    [InlineData("<lans>", "<lans port=\"4800\" pulse=\"100\">", true)]
    [InlineData("<lans>", "<lans port=\"4801\">", false)]
    [InlineData("10.0.0.2", "10.0.0.3", false)]
    [InlineData("node2", "node3", false)]
    public void TheSignatureCountsContentOnly(string old, string replacement, bool same)
    {
        var one = Samples.ReadCluster(Samples.TwoNodes).Value!;
        var other = Samples.ReadCluster(Samples.TwoNodes.Replace(old, replacement)).Value!;
        Assert.Equal(same, one.Signature == other.Signature);
    }

    [Fact]
    public void TheSignatureIsFrozen() =>
        Assert.Equal(FrozenSignature, Samples.ReadCluster(Samples.TwoNodes).Value!.Signature);

    [Theory]
    [InlineData("name=\"node2\" addr=\"10.0.0.2\"", "name=\"node2\" addr=\"10.0.0.1\"", "10.0.0.1 is the address of node1 and of node2")]
    [InlineData("node2", "node1", "node node1 appears twice")]
    [InlineData("10.0.0.2", "10.0.2", "expected an IPv4 address")]
    [InlineData("10.0.0.2", "nowhere.example", "cannot be resolved")]
    [InlineData("addr=\"10.0.0.2\"", "", "lacks its attribute addr")]
    [InlineData("<node name=\"node2\" addr=\"10.0.0.2\"/>", "", "at least two nodes")]
    [InlineData("<lans>", "<lans port=\"0\">", "from 1 to 65535")]
    [InlineData("<lans>", "<lans port=\"65536\">", "from 1 to 65535")]
    [InlineData("<lans>", "<lans pulse=\"1500us\">", "expected time unit ms")]
    [InlineData("<lans>", "<lans pulse=\"0\">", "at least 5ms")]
    [InlineData("<lans>", "<lans pulse=\"61s\">", "at most 60000ms")]
    [InlineData("<lans>", "<lans slost_count=\"1\">", "from 2 to 1000")]
    [InlineData("<lans>", "<lans mlost_count=\"1001\">", "from 2 to 1000")]
    [InlineData("<lans>", "<lans mlost_count=\"x\">", "whole number")]
    [InlineData("</lan></lans>", "</lan><lan name=\"default\"><node name=\"node1\" addr=\"10.1.0.1\"/></lan></lans>", "two lans have the name")]
    [InlineData("</lan></lans>", "</lan></lans><lans/>", "<lans> appears twice")]
    public void WhatIsWrongIsAnError(string old, string replacement, string message)
    {
        var result = Samples.ReadCluster(Samples.TwoNodes.Replace(old, replacement));
        Assert.Null(result.Value);
        Assert.Contains(result.Errors, error => error.Message.Contains(message) && error.Remedy.Length > 0 && error.Line > 0);
    }

    [Theory]
    [InlineData("<lan name=\"default\">", "<lan name=\"default\" console=\"on\">", Severity.Note)]
    [InlineData("<lan name=\"default\">", "<lan name=\"default\" comand=\"on\">", Severity.Warning)]
    [InlineData("10.0.0.2", "127.0.0.1", Severity.Warning)]
    public void WhatIsDoubtfulIsReported(string old, string replacement, Severity severity)
    {
        var result = Samples.ReadCluster(Samples.TwoNodes.Replace(old, replacement));
        Assert.True(result.Ok);
        Assert.Equal(severity, Assert.Single(result.Findings).Severity);
    }

    [Fact]
    public void NamesAreResolved() =>
        Assert.Equal(
            IPAddress.Parse("10.0.0.77"),
            Samples.ReadCluster(Samples.TwoNodes.Replace("10.0.0.2", "known.example")).Value!.Lans[0].Nodes[1].Address);

    private const ulong FrozenSignature = 2291624902215537396;
}
