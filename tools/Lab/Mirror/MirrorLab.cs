using SafeKit.Core;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Topology;
using SafeKit.Lab.Trees;

namespace SafeKit.Lab.Mirror;

/// <summary>
/// A mirror in namespaces: two nodes, a client, a switch with two networks. Ends with this process, as <see cref="ClusterLab"/> does.
/// </summary>
public sealed partial class MirrorLab : IAsyncDisposable
{
    private static readonly TimeSpan _initdbLimit = TimeSpan.FromSeconds(60);

    private readonly LabFolder _folder;
    private readonly List<MirrorNode> _nodes = [];
    private LabSwitch? _switch;
    private LabClient? _client;

    private MirrorLab(MirrorOptions options, LabFolder folder)
    {
        Options = options;
        _folder = folder;
        Files = new MirrorFiles(options);
    }

    public MirrorOptions Options { get; }

    public MirrorFiles Files { get; }

    public string Folder => _folder.Path;

    public IReadOnlyList<MirrorNode> Nodes => _nodes;

    public LabClient Client => _client!;

    public LabSwitch Switch => _switch!;

    /// <summary>The init processes of all machines that are switched on.</summary>
    public IEnumerable<int> InitPids =>
        [Switch.InitPid, Client.InitPid, .. _nodes.Where(node => node.IsPowered).Select(node => node.Machine.InitPid)];

    /// <summary>Why no mirror lab can be made here; null when one can.</summary>
    public static string? Obstacle(MirrorApplication? application)
    {
        if (ClusterLab.Obstacle() is { } obstacle)
            return obstacle;
        if (!File.Exists("/dev/fuse"))
            return "/dev/fuse is not there: the kernel lacks FUSE (modprobe fuse)";
        if (!Directory.Exists("/srv"))
            return "/srv is not there: the lab mounts the nodes' data over it";
        if (application is not null && !File.Exists(application.Program))
            return $"{application.Program} is not installed; make setup installs it";
        return null;
    }

    /// <summary>Makes the machines, connects them, and makes an empty database on the first. Daemons are not started yet.</summary>
    public static async Task<MirrorLab> CreateAsync(MirrorOptions options)
    {
        if (Obstacle(options.Application) is { } obstacle)
            throw new LabException(obstacle);
        var artifacts = Artifacts.Find(options.ArtifactsFolder);
        var lab = new MirrorLab(options, LabFolder.Create(options.DiskFolder));
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

    public MirrorNode Node(string name) => _nodes.Single(node => node.Name == name);

    public MirrorNode Other(MirrorNode node) => _nodes.Single(one => one != node);

    public Task StartDaemonsAsync() => Task.WhenAll(_nodes.Select(node => node.StartDaemonAsync()));

    /// <summary>Compares the data of both nodes behind the daemons' backs; neither may be mounted or written to.</summary>
    public TreeReport CompareTrees() => Files.DataPaths
        .Select(path => TreeComparison.Run(_nodes[0].FolderOf(path), _nodes[1].FolderOf(path), Files.NotReplicated))
        .Aggregate((one, other) => one + other);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        if (_client is not null)
            await _client.DisposeAsync();
        if (_switch is not null)
            await _switch.DisposeAsync();
        _client = null;
        _switch = null;
        _nodes.Clear();
        await _folder.DisposeAsync();
    }

    private async Task BuildAsync(string artifacts)
    {
        // PostgreSQL's user must be able to reach its data below it.
        File.SetUnixFileMode(Folder, (UnixFileMode)Convert.ToInt32("711", 8));
        _switch = await LabSwitch.StartAsync(networks: 2);
        for (var number = 1; number <= 2; number++)
        {
            var node = new MirrorNode(number, Files, _switch, Folder, artifacts, Options.DiskMb);
            _nodes.Add(node);
            Files.Write(node.Paths, number);
            await node.PowerOnAsync();
        }

        _client = await LabClient.StartAsync(1, _switch);
        if (Options.WithPostgres)
        {
            await Postgres.MakeDatabaseAsync(_nodes[0], Files.DataPath, _initdbLimit);
            await Postgres.PrepareCopyAsync(_nodes[1], Files.DataPath);
        }
    }
}
