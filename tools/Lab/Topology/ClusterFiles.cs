using System.Security.Cryptography;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Lab.Topology;

/// <summary>The files that an administrator would write on every node.</summary>
public sealed class ClusterFiles(LabOptions options)
{
    public const string Module = "web";

    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Writes everything of one node below its root.</summary>
    public void Write(NodePaths paths, int number)
    {
        foreach (var file in new[] { paths.ClusterXml, paths.UserConfig(Module) })
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Directory.CreateDirectory(paths.Scripts(Module));
        Directory.CreateDirectory(WebServerFiles.Folder(paths));
        File.WriteAllText(paths.ClusterXml, ClusterXml());
        File.WriteAllText(paths.ClusterKey, _key + "\n");
        File.SetUnixFileMode(paths.ClusterKey, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(paths.NodeName, $"node{number}\n");
        File.WriteAllText(paths.UserConfig(Module), UserConfig(number));
        File.WriteAllText(WebServerFiles.Configuration(paths), WebServerFiles.NginxConfiguration(paths, $"node{number}"));
        foreach (var (name, text) in WebServerFiles.Scripts(paths))
        {
            var script = Path.Combine(paths.Scripts(Module), name);
            File.WriteAllText(script, text);
            File.SetUnixFileMode(script, Executable);
        }

        options.ChangeFiles?.Invoke(paths);
    }

    public string ClusterXml()
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cluster>\n  <lans>\n");
        AppendLan(text, "default", LabAddresses.Node4);
        if (options.SecondLan)
            AppendLan(text, "second", LabAddresses.NodeSecondLan);
        return text.Append("  </lans>\n</cluster>\n").ToString();
    }

    // maxloop is high because the lab breaks the application on purpose, more often than a day sees in production.
    public string UserConfig(int number) =>
        $"""
        <!DOCTYPE safe>
        <safe>
          <service mode="farm" boot="on" maxloop="1000">
            <farm {options.FarmAttributes}>
              <lan name="default"/>{(options.SecondLan ? "\n      <lan name=\"second\"/>" : "")}
            </farm>
            <vip {options.VipAttributes}>
              <interface_list>
                <interface name="eth0" check="off">
                  <virtual_interface {(options.Directed ? "type=\"vmac_directed\"" : $"type=\"vmac_invisible\" addr=\"{LabAddresses.VirtualMac}\"")}>
                    <virtual_addr addr="{LabAddresses.Virtual4}" where="alias" check="off"/>
                    <virtual_addr addr="{LabAddresses.Virtual6}" where="alias" check="off"/>
                  </virtual_interface>
                </interface>
              </interface_list>
              <loadbalancing_list>
                <group name="FarmProto">{(options.Directed ? "\n          <rule proto=\"arp\" filter=\"on_addr\"/>" : "")}
                  <rule port="{LabAddresses.WebPort}" proto="tcp" filter="{options.Filter}" {options.RuleAttributes}/>
                </group>
              </loadbalancing_list>
            </vip>
            <user/>
            <check>
              <tcp ident="web" when="both" action="restart">
                <to addr="{LabAddresses.Virtual4}" port="{LabAddresses.WebPort}" interval="1s" timeout="1s"/>
              </tcp>
            </check>
          </service>
        </safe>

        """;

    private void AppendLan(StringBuilder text, string name, Func<int, string> address)
    {
        text.Append($"    <lan name=\"{name}\">\n");
        for (var node = 1; node <= options.Nodes; node++)
            text.Append($"      <node name=\"node{node}\" addr=\"{address(node)}\"/>\n");
        text.Append("    </lan>\n");
    }
}
