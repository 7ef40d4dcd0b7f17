using System.Net;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>Sample documents, and the short ways to read a variation of them.</summary>
internal static class Samples
{
    public const string Cluster = """
        <?xml version="1.0"?>
        <cluster>
          <lans port="4800" pulse="100ms">
            <lan name="default" command="on">
              <node name="node1" addr="10.0.0.1"/>
              <node name="node2" addr="10.0.0.2" laddr="192.168.7.2"/>
            </lan>
            <lan name="private">
              <node name="node1" addr="[fd00::1]"/>
              <node name="node2" addr="fd00::2"/>
              <node name="node3" addr="fd00::3"/>
            </lan>
            <lan name="all">
              <node name="node1" addr="10.1.0.1"/>
              <node name="node2" addr="10.1.0.2"/>
            </lan>
          </lans>
        </cluster>
        """;

    public const string TwoNodes = """
        <cluster><lans><lan name="default"><node name="node1" addr="10.0.0.1"/><node name="node2" addr="10.0.0.2"/></lan></lans></cluster>
        """;

    public const string Farm = """
        <!-- a farm -->
        <!DOCTYPE safe>
        <macro name="VIP" value="10.0.0.50"/>
        <safe>
          <macro name="PORT" value="80"/>
          <service mode="farm" maxloop="3" loop_interval="24h" boot="auto">
            <farm>
              <lan name="default"/>
            </farm>
            <vip>
              <interface_list>
                <interface>
                  <virtual_interface type="vmac_invisible">
                    <virtual_addr addr="%VIP%" where="alias" netmask="255.255.255.0"/>
                  </virtual_interface>
                </interface>
              </interface_list>
              <loadbalancing_list>
                <group name="web">
                  <cluster><host name="node1" power="2"/><host name="node2"/></cluster>
                  <rule port="%PORT%" proto="tcp" filter="on_addr"/>
                  <rule virtual_addr="%VIP%" port="443" proto="tcp" filter="on_port"/>
                </group>
              </loadbalancing_list>
            </vip>
            <check>
              <tcp ident="web" when="both">
                <to addr="127.0.0.1" port="%PORT%" interval="2s" timeout="1s"/>
              </tcp>
            </check>
            <user nicestoptimeout="1m" logging="userlog">
              <var name="SERVICES" value="nginx"/>
            </user>
          </service>
        </safe>
        """;

    public static readonly IReadOnlyDictionary<string, string> NoEnvironment = new Dictionary<string, string>();

    /// <summary>Tests ask no name server.</summary>
    public static IPAddress[] Resolve(string name) =>
        name == "known.example" ? [IPAddress.Parse("10.0.0.77")] : [];

    public static ConfigurationResult<UserConfiguration> ReadUser(string text, IReadOnlyDictionary<string, string>? environment = null) =>
        UserConfigurationReader.ReadText(text, "userconfig.xml", environment ?? NoEnvironment, Resolve);

    public static ConfigurationResult<ClusterConfiguration> ReadCluster(string text) =>
        ClusterConfigurationReader.ReadText(text, "cluster.xml", Resolve);

    /// <summary>The farm sample with one piece of its text replaced.</summary>
    public static ConfigurationResult<UserConfiguration> FarmWith(string old, string replacement)
    {
        Assert.Contains(old, Farm);
        return ReadUser(Farm.Replace(old, replacement));
    }

    public static UserConfiguration Value(ConfigurationResult<UserConfiguration> result)
    {
        Assert.True(result.Ok, string.Join('\n', result.Findings));
        return result.Value!;
    }

    public static Finding Error(IReadOnlyList<Finding> findings) =>
        Assert.Single(findings, finding => finding.Severity == Severity.Error);
}
