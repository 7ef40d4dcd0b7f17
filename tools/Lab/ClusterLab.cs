using SafeKit.Lab.Isolation;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab;

/// <summary>
/// A whole cluster in namespaces: switch, nodes, clients. Nothing of it has a name outside, so nothing can be left
/// behind: when this process ends, however it ends, the machines end with it.
/// </summary>
public sealed partial class ClusterLab : IAsyncDisposable
{
    private readonly LabFolder _folder;
    private readonly List<LabNode> _nodes = [];
    private readonly List<LabClient> _clients = [];
    private LabSwitch? _switch;

    private ClusterLab(LabOptions options, LabFolder folder)
    {
        Options = options;
        _folder = folder;
        Files = new ClusterFiles(options);
    }

    public LabOptions Options { get; }

    public string Folder => _folder.Path;

    public ClusterFiles Files { get; }

    public LabSwitch Switch => _switch!;

    public IReadOnlyList<LabNode> Nodes => _nodes;

    public IReadOnlyList<LabClient> Clients => _clients;

    /// <summary>The init processes of all machines that are switched on.</summary>
    public IReadOnlyList<int> InitPids =>
    [
        Switch.InitPid,
        .. _nodes.Where(node => node.IsPowered).Select(node => node.Machine.InitPid),
        .. _clients.Select(client => client.InitPid),
    ];

    /// <summary>Why no lab can be made here; null when one can.</summary>
    public static string? Obstacle()
    {
        if (Libc.geteuid() != 0)
            return "the lab makes network namespaces and loads eBPF programs, which takes root";
        foreach (var tool in new[] { "unshare", "nsenter", "setsid", "ip", "bridge", "ethtool", "sysctl", "nginx" })
        {
            if (!IsOnPath(tool))
                return $"{tool} is not installed; make setup installs it";
        }

        return KernelAbilities.BpfObstacle() ?? NamespaceObstacle();
    }

    /// <summary>Makes the machines and connects them. Daemons are not started yet.</summary>
    public static async Task<ClusterLab> CreateAsync(LabOptions options)
    {
        if (Obstacle() is { } obstacle)
            throw new LabException(obstacle);
        var artifacts = options.Checked().WithSafeKit ? Artifacts.Find(options.ArtifactsFolder) : "";
        var lab = new ClusterLab(options, LabFolder.Create());
        try
        {
            await lab.BuildAsync(artifacts);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public LabNode Node(string name) => _nodes.Single(node => node.Name == name);

    public Task StartDaemonsAsync() => Task.WhenAll(_nodes.Select(node => node.StartDaemonAsync()));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        if (_switch is not null)
            await _switch.DisposeAsync();
        _switch = null;
        _nodes.Clear();
        _clients.Clear();
        await _folder.DisposeAsync();
    }

    private static bool IsOnPath(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    private static string? NamespaceObstacle()
    {
        var result = Command.RunAsync(["unshare", "--net", "--mount", "--pid", "--fork", "true"]).GetAwaiter().GetResult();
        return result.Ok ? null : $"namespaces cannot be made here: {result.Text}";
    }

    private async Task BuildAsync(string artifacts)
    {
        _switch = await LabSwitch.StartAsync(Options.SecondLan ? 2 : 1);
        for (var number = 1; number <= Options.Nodes; number++)
        {
            var node = new LabNode(number, Options, _switch, Folder, artifacts);
            _nodes.Add(node);
            Files.Write(node.Paths, number);
            await node.PowerOnAsync();
        }

        for (var number = 1; number <= Options.Clients; number++)
        {
            var client = await LabClient.StartAsync(number, _switch);
            _clients.Add(client);
            if (Options.ChangeNetwork is { } change)
                await change(_switch, client.Machine);
        }
    }
}
