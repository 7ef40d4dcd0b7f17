using System.Security.Cryptography;
using SafeKit.Core;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Mirror;

/// <summary>The files that an administrator would write on both nodes.</summary>
public sealed class MirrorFiles(MirrorOptions options)
{
    public const string PlainModule = "data";

    private const string OneHeartbeat = "<heartbeat name=\"%LAN%\" ident=\"flow\"/>";
    private const string BothHeartbeats = "<heartbeat name=\"default\"/><heartbeat name=\"second\" ident=\"flow\"/>";

    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Null: the module has no scripts, and its directory is empty.</summary>
    public MirrorApplication? Application => options.Application;

    public string Module => Application?.Module ?? PlainModule;

    /// <summary>The replicated directory, the same path on both nodes; each sees its own below it.</summary>
    public string DataPath => Application?.DataPath ?? "/srv/data";

    /// <summary>All replicated directories.</summary>
    public IReadOnlyList<string> DataPaths => [DataPath, .. options.MoreWaits.Select(PathOf)];

    /// <summary>What of it is left to each node; relative paths.</summary>
    public IReadOnlyList<string> NotReplicated => Application?.NotReplicated ?? [];

    private string Heart =>
        options.HeartTimeoutMs is { } timeoutMs ? $"<heart pulse=\"{timeoutMs / 10}ms\" timeout=\"{timeoutMs}ms\">" : "<heart>";

    /// <summary>Writes everything of one node below its root.</summary>
    public void Write(NodePaths paths, int number)
    {
        foreach (var file in new[] { paths.ClusterXml, paths.UserConfig(Module) })
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Directory.CreateDirectory(paths.Scripts(Module));
        File.WriteAllText(paths.ClusterXml, ClusterXml());
        File.WriteAllText(paths.ClusterKey, _key + "\n");
        File.SetUnixFileMode(paths.ClusterKey, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(paths.NodeName, $"node{number}\n");
        if (Application is { } application)
            WriteModule(application, paths);
        else
            File.WriteAllText(paths.UserConfig(Module), PlainConfig());
    }

    /// <summary>The directory of <see cref="MirrorOptions.MoreWaits"/> with this <c>wait</c>.</summary>
    public static string PathOf(string wait) => $"/srv/data-{wait}";

    private static string ClusterXml() =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <cluster>
          <lans>
            <lan name="default">
              <node name="node1" addr="{LabAddresses.Node4(1)}"/>
              <node name="node2" addr="{LabAddresses.Node4(2)}"/>
            </lan>
            <lan name="second">
              <node name="node1" addr="{LabAddresses.NodeSecondLan(1)}"/>
              <node name="node2" addr="{LabAddresses.NodeSecondLan(2)}"/>
            </lan>
          </lans>
        </cluster>

        """;

    // The module as it is shipped: only what an administrator changes is changed. maxloop is high because the lab breaks the
    // application on purpose, more often than a day sees in production.
    private void WriteModule(MirrorApplication application, NodePaths paths)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "modules", application.Module);
        var config = File.ReadAllText(Path.Combine(source, "conf/userconfig.xml"))
            .Replace("value=\"192.168.1.60\"", $"value=\"{LabAddresses.Virtual4}\"")
            .Replace($"value=\"{application.ShippedDataPath}\"", $"value=\"{DataPath}\"")
            .Replace(OneHeartbeat, BothHeartbeats)
            .Replace("async=\"second\"", $"async=\"{options.Async}\"")
            .Replace("<heart>", Heart)
            .Replace("maxloop=\"3\"", "maxloop=\"1000\"");
        File.WriteAllText(paths.UserConfig(Module), config);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(source, "bin")))
        {
            var script = Path.Combine(paths.Scripts(Module), Path.GetFileName(file));
            File.Copy(file, script, overwrite: true);
            File.SetUnixFileMode(script, Executable);
        }
    }

    private string PlainConfig() =>
        $"""
        <!DOCTYPE safe>
        <safe>
          <service mode="mirror" boot="auto" maxloop="1000">
            {Heart}
              {BothHeartbeats}
            </heart>
            <rfs async="{options.Async}">
              {Replicated(DataPath, options.Wait)}
              {string.Concat(options.MoreWaits.Select(wait => Replicated(PathOf(wait), wait)))}
            </rfs>
          </service>
        </safe>

        """;

    private static string Replicated(string path, string wait) => $"<replicated dir=\"{path}\" mode=\"read_only\" wait=\"{wait}\"/>";
}
