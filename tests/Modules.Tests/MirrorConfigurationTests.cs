using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

public sealed class MirrorConfigurationTests
{
    private const string Mirror = """
        <safe>
          <service mode="mirror" defaultprim="alone" failover="on">
            <heart pulse="200ms" timeout="2s">
              <heartbeat name="default" ident="one"/>
              <heartbeat name="all" ident="flow"/>
            </heart>
            <rfs async="second" nbrei="3">
              <replicated dir="/var/lib/one" mode="read_only" wait="close">
                <tocheck path="mounted"/>
                <notreplicated path="tmp/cache"/>
                <notreplicated regexpath="!\.keep$"/>
              </replicated>
              <replicated dir="/srv/two/"/>
            </rfs>
            <vip>
              <interface_list>
                <interface><real_interface><virtual_addr addr="10.0.0.50" where="one_side_alias"/></real_interface></interface>
              </interface_list>
            </vip>
            <check>
              <tcp ident="db" when="prim"><to addr="127.0.0.1" port="5432"/></tcp>
              <tcp ident="agent" when="second"><to addr="127.0.0.1" port="9999"/></tcp>
            </check>
            <user/>
          </service>
        </safe>
        """;

    private const string Minimal = """
        <safe><service mode="mirror"><heart><heartbeat name="default"/></heart><user/></service></safe>
        """;

    private const string Cluster = """
        <cluster><lans>
          <lan name="private"><node name="node1" addr="10.2.0.1"/><node name="node2" addr="10.2.0.2"/><node name="node3" addr="10.2.0.3"/></lan>
          <lan name="default"><node name="node1" addr="10.0.0.1"/><node name="node2" addr="10.0.0.2"/></lan>
          <lan name="all"><node name="node1" addr="10.1.0.1"/><node name="node2" addr="10.1.0.2"/></lan>
        </lans></cluster>
        """;

    private static ConfigurationResult<UserConfiguration> With(string old, string replacement)
    {
        Assert.Contains(old, Mirror);
        return Samples.ReadUser(Mirror.Replace(old, replacement));
    }

    private static IReadOnlyList<Finding> Check(string old, string replacement)
    {
        var result = With(old, replacement);
        return [.. result.Findings, .. ConfigurationCheck.Check(Samples.Value(result), TwoOfThree())];
    }

    private static ClusterConfiguration TwoOfThree()
    {
        var result = Samples.ReadCluster(Cluster);
        Assert.True(result.Ok, string.Join('\n', result.Findings));
        return result.Value!;
    }

    [Fact]
    public void TheSampleIsReadWhole()
    {
        var result = Samples.ReadUser(Mirror);
        Assert.Empty(result.Findings);
        Assert.Empty(ConfigurationCheck.Check(result.Value!, TwoOfThree()));
        var heart = result.Value!.Heart!;
        Assert.Equal([("default", "one", 200, 2000), ("all", "flow", 200, 2000)], heart.Heartbeats.Select(item => (item.Name, item.Ident, item.PulseMs, item.TimeoutMs)));
        var rfs = result.Value.Replication!;
        Assert.Equal((false, 3, 0, 100, (int?)null), (rfs.WaitsForDisk, rfs.ReintegrationThreads, rfs.ReintegrationKbPerSecond, rfs.LockTimeoutSeconds, rfs.SendTimeoutSeconds));
        Assert.Equal(("all", TimeSpan.FromSeconds(2)), (rfs.LanOf(heart), rfs.SilenceLimit(heart)));
        Assert.Equal(["/var/lib/one", "/srv/two"], rfs.Directories.Select(item => item.Dir));
        Assert.Equal(["mounted"], rfs.Directories[0].ToCheck);
        Assert.Equal([("tmp/cache", false, false), ("\\.keep$", true, true)], rfs.Directories[0].NotReplicated.Select(rule => (rule.Pattern, rule.IsRegularExpression, rule.Negated)));
        Assert.Equal(AddressPlacement.OneSideAlias, Assert.Single(result.Value.Vip!.VirtualAddresses).Where);
        Assert.Equal([CheckerWhen.Prim, CheckerWhen.Second], result.Value.Checkers.Tcp.Select(tcp => tcp.When));
    }

    [Fact]
    public void TheMachineTakesItsSettingsFromIt()
    {
        var settings = MirrorModuleSettings.From(Samples.Value(With("failover=\"on\"", "failover=\"off\"")), "node1");
        Assert.Equal(("node1", "alone", false, true, true, true), (settings.NodeName, settings.DefaultPrim, settings.Failover, settings.HasData, settings.HasAddress, settings.RunsScripts));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(800)), (settings.HeartbeatTimeout, settings.GoingAloneTime));
        Assert.Equal(["tcp.db", "tcp.agent"], settings.Checkers.Select(checker => checker.Resource));
        var bare = MirrorModuleSettings.From(Samples.Value(Samples.ReadUser(Minimal)), "node2");
        Assert.Equal((false, false, TimeSpan.FromSeconds(3)), (bare.HasData, bare.HasAddress, bare.HeartbeatTimeout));
    }

    [Fact]
    public void DefaultsAreOurOwn()
    {
        var configuration = Samples.Value(Samples.ReadUser(Minimal));
        Assert.Equal((true, "alone"), (configuration.Service.Failover, configuration.Service.DefaultPrim));
        var heart = configuration.Heart!;
        Assert.Equal((250, 3000, "default", "heartbeat.default"), (heart.PulseMs, heart.TimeoutMs, heart.Heartbeats[0].Ident, heart.Heartbeats[0].Resource));
        Assert.Equal((8888, 8890), (heart.PortOf(1), heart.PortOf(3)));
        Assert.Equal((5600, 5608), (ReplicationConfiguration.PortOf(1), ReplicationConfiguration.PortOf(3)));
        var rfs = Samples.Value(With("<rfs async=\"second\" nbrei=\"3\">", "<rfs>")).Replication!;
        Assert.Equal((false, 6, 256), (rfs.WaitsForDisk, rfs.ReintegrationThreads, rfs.MarkedMb));
        Assert.Equal(64, Samples.Value(With("<rfs async=\"second\" nbrei=\"3\">", "<rfs markedmb=\"64\">")).Replication!.MarkedMb);
        Assert.Equal(ReplicationWait.Close, rfs.Directories[1].Wait);
        Assert.Equal("default", rfs.LanOf(heart));
        Assert.Equal(AddressPlacement.OneSideAlias, Samples.Value(With(" where=\"one_side_alias\"", "")).Vip!.VirtualAddresses.Single().Where);
    }

    [Theory]
    [InlineData("pulse=\"200ms\"", "pulse=\"9\"", "at least 10ms")]
    [InlineData("pulse=\"200ms\"", "pulse=\"61s\"", "at most 60000ms")]
    [InlineData("timeout=\"2s\"", "timeout=\"99\"", "at least 100ms")]
    [InlineData("timeout=\"2s\"", "timeout=\"2h\"", "at most 3600000ms")]
    [InlineData("timeout=\"2s\"", "timeout=\"599\"", "at least 3 pulses")]
    [InlineData("ident=\"one\"", "ident=\"one\" pulse=\"1s\"", "at least 3 pulses")]
    [InlineData("<heart ", "<heart port=\"0\" ", "from 1 to 65535")]
    [InlineData("<heartbeat name=\"default\" ident=\"one\"/>", "<heartbeat/>", "lacks its attribute name")]
    [InlineData("<heartbeat name=\"default\" ident=\"one\"/>", "<heartbeat><server addr=\"10.0.0.1\"/></heartbeat>", "old syntax")]
    [InlineData("<heartbeat name=\"default\" ident=\"one\"/>", "<heartbeat name=\"all\" ident=\"one\"/>", "two heartbeats use the lan all")]
    [InlineData("ident=\"one\"", "ident=\"flow\"", "two heartbeats have the ident flow")]
    [InlineData("ident=\"one\"", "ident=\"\"", "is empty")]
    [InlineData("async=\"second\"", "async=\"third\"", "expected second or none")]
    [InlineData("nbrei=\"3\"", "nbrei=\"0\"", "from 1 to 64")]
    [InlineData("nbrei=\"3\"", "nbrei=\"65\"", "from 1 to 64")]
    [InlineData("nbrei=\"3\"", "reiallowedbw=\"-1\"", "from 0")]
    [InlineData("nbrei=\"3\"", "locktimeout=\"0\"", "at least 1s")]
    [InlineData("nbrei=\"3\"", "sendtimeout=\"1500ms\"", "expected time unit s")]
    [InlineData("wait=\"close\"", "wait=\"never\"", "expected close or sync or all")]
    [InlineData("mode=\"read_only\"", "mode=\"readonly\"", "did you mean read_only?")]
    [InlineData("\"/var/lib/one\"", "\"var/lib/one\"", "expected an absolute path")]
    [InlineData("\"/var/lib/one\"", "\"/\"", "the root of the file system")]
    [InlineData("\"/var/lib/one\"", "\"//\"", "the root of the file system")]
    [InlineData("\"/var/lib/one\"", "\"/var/../one\"", "expected a path without")]
    [InlineData("\"/var/lib/one\"", "\"/var//one\"", "expected a path without")]
    [InlineData("\"/var/lib/one\"", "\"/proc/1\"", "belong to the running system")]
    [InlineData("\"/var/lib/one\"", "\"\"", "is empty")]
    [InlineData("dir=\"/var/lib/one\"", "", "lacks its attribute dir")]
    [InlineData("path=\"mounted\"", "path=\"/mounted\"", "relative to the replicated directory")]
    [InlineData("path=\"mounted\"", "path=\"../mounted\"", "inside the replicated directory")]
    [InlineData("path=\"tmp/cache\"", "path=\"tmp/../../x\"", "inside the replicated directory")]
    [InlineData("path=\"tmp/cache\"", "", "needs either path or regexpath")]
    [InlineData("path=\"tmp/cache\"", "path=\"a\" regexpath=\"b\"", "needs either path or regexpath")]
    [InlineData("!\\.keep$", "(", "not a regular expression")]
    [InlineData("!\\.keep$", "(a)\\1", "not a regular expression")]
    [InlineData("!\\.keep$", "!", "the expression is empty")]
    [InlineData("!\\.keep$", "[[:alpha:]]", "classes such as")]
    [InlineData("<rfs async=\"second\" nbrei=\"3\">", "<rfs><flow><server addr=\"10.0.0.1\"/></flow>", "old syntax: <server>")]
    public void WhatIsWrongIsAnErrorWithPlaceAndRemedy(string old, string replacement, string message)
    {
        var result = With(old, replacement);
        Assert.Null(result.Value);
        Assert.Contains(result.Errors, error => (error.Message.Contains(message) || error.Remedy.Contains(message)) && error.Line > 0 && error.Column > 0 && error.Remedy.Length > 0);
    }

    [Theory]
    [InlineData("pulse=\"200ms\"", "pulse=\"10\"")]
    [InlineData("timeout=\"2s\"", "timeout=\"600\"")]
    [InlineData("timeout=\"2s\"", "timeout=\"1h\"")]
    [InlineData("<heart ", "<heart port=\"65535\" ")]
    [InlineData("nbrei=\"3\"", "nbrei=\"64\" reiallowedbw=\"2147483647\" locktimeout=\"1\" sendtimeout=\"1\"")]
    [InlineData("async=\"second\"", "async=\"NONE\"")]
    [InlineData("\"/var/lib/one\"", "\"/a b/c..d/...\"")]
    [InlineData("\"/srv/two/\"", "\"/var/lib/one2\"")]
    [InlineData("defaultprim=\"alone\"", "defaultprim=\"lastprim\"")]
    [InlineData("defaultprim=\"alone\"", "defaultprim=\"node2\"")]
    [InlineData("where=\"one_side_alias\"", "where=\"one_side\"")]
    [InlineData("where=\"one_side_alias\"", "where=\"alias\"")]
    public void BorderlineValuesAreGood(string old, string replacement) => Assert.Empty(Check(old, replacement));

    [Theory]
    [InlineData("nbrei=\"3\"", "syncdelta=\"5m\"", Severity.Warning, "syncdelta of <rfs> is not supported yet")]
    [InlineData("nbrei=\"3\"", "syncat=\"0 1 * * *\"", Severity.Warning, "syncat of <rfs> is not supported yet")]
    [InlineData("nbrei=\"3\"", "scripts=\"on\"", Severity.Warning, "scripts of <rfs> is not supported yet")]
    [InlineData("nbrei=\"3\"", "mountover=\"off\"", Severity.Note, "mountover of <rfs> has no effect")]
    [InlineData("mode=\"read_only\"", "mode=\"read_write\"", Severity.Note, "can never be written")]
    [InlineData("nbrei=\"3\"", "packetsize=\"65536\"", Severity.Note, "packetsize of <rfs> has no effect")]
    [InlineData("nbrei=\"3\"", "iotimeout=\"300\"", Severity.Note, "belongs to Windows")]
    [InlineData("nbrei=\"3\"", "nbrie=\"3\"", Severity.Warning, "unknown attribute nbrie")]
    [InlineData("<heart ", "<heart permanent_arp=\"on\" ", Severity.Note, "permanent_arp of <heart> has no effect")]
    [InlineData("<rfs async=\"second\" nbrei=\"3\">", "<rfs><flow name=\"default\"/>", Severity.Note, "old syntax: <flow>")]
    [InlineData("</interface_list>", "</interface_list><loadbalancing_list><group name=\"g\"><rule port=\"1\" proto=\"tcp\" filter=\"on_addr\"/></group></loadbalancing_list>", Severity.Warning, "has no effect: the primary of a mirror takes all")]
    public void WhatHasNoEffectIsSaid(string old, string replacement, Severity severity, string message)
    {
        var finding = Assert.Single(Check(old, replacement));
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(message, finding.Message);
    }

    [Theory]
    [InlineData("name=\"all\"", "name=\"al\"", "lan al is not in cluster.xml")]
    [InlineData("name=\"all\"", "name=\"private\"", "exactly two nodes; the lans of its heartbeats hold 3: node1, node2, node3")]
    [InlineData("\"/srv/two/\"", "\"/var/lib/one\"", "directory /var/lib/one is replicated twice")]
    [InlineData("\"/srv/two/\"", "\"/var/lib\"", "lie one in the other")]
    [InlineData("\"/srv/two/\"", "\"/var/lib/one/below\"", "lie one in the other")]
    [InlineData("defaultprim=\"alone\"", "defaultprim=\"node9\"", "defaultprim=\"node9\" is no node")]
    [InlineData("<rfs async=\"second\" nbrei=\"3\">", "<rfs><flow name=\"private\"/>", "the replication's lan private has no heartbeat")]
    [InlineData("<vip>", "<farm><lan name=\"default\"/></farm><vip>", "a mirror module has no <farm>")]
    public void WhatWouldFailLaterIsFoundNow(string old, string replacement, string message) =>
        Assert.Contains(Check(old, replacement), finding => finding.Severity == Severity.Error && finding.Message.Contains(message) && finding.Line > 0 && finding.Remedy.Length > 0);

    [Fact]
    public void AMirrorNeedsAHeart()
    {
        var configuration = Samples.Value(Samples.ReadUser("<safe><service mode=\"mirror\"><user/></service></safe>"));
        Assert.Contains("needs <heart>", Samples.Error(ConfigurationCheck.Check(configuration)).Message);
    }

    [Fact]
    public void FlowWithoutReplicationIsAnError()
    {
        var configuration = Samples.Value(Samples.ReadUser(Minimal.Replace("name=\"default\"", "name=\"default\" ident=\"flow\"")));
        Assert.Contains("there is no <rfs>", Samples.Error(ConfigurationCheck.Check(configuration)).Message);
    }

    [Fact]
    public void DirectoriesMustExistOnTheNode()
    {
        using var folder = new TemporaryFolder();
        var node = new LiveNode([], null);
        IReadOnlyList<Finding> On(string dir) => ConfigurationCheck.Check(
            Samples.Value(Samples.ReadUser(Minimal.Replace("<user/>", $"<user/><rfs><replicated dir=\"{dir}\"><tocheck path=\"here\"/></replicated></rfs>"))), null, node);
        Assert.Contains("<tocheck path=\"here\"> is missing", Assert.Single(On(folder.Path)).Message);
        var file = folder.Write("here", "");
        Assert.Empty(On(folder.Path));
        Assert.Contains("is not a directory", Samples.Error(On(file)).Message);
        Assert.Contains("does not exist", Samples.Error(On(folder.Path + "/none")).Message);
    }

    [Fact]
    public void ScriptsOfAMirrorMustExist()
    {
        using var folder = new TemporaryFolder();
        var findings = ConfigurationCheck.Check(Samples.Value(Samples.ReadUser(Minimal)), null, new LiveNode([], folder.Path));
        Assert.Equal(["prestart", "start_prim", "stop_prim"], findings.Select(finding => finding.Message.Split(' ')[1]).Order());
    }
}
