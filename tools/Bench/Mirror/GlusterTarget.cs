using SafeKit.Lab;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>A GlusterFS volume with replica 2, default options, on the same machines: two glusterd, the client on the first node.</summary>
internal sealed class GlusterTarget : IBenchTarget
{
    private const string Program = "/usr/sbin/glusterd";
    private const string Mount = "/mnt";

    // Its library, its logs and its management socket have fixed places: each node gets its own over them.
    private const string Separate =
        "mkdir -p $1/glusterd $1/glusterlog /srv/brick && cp -a /var/lib/glusterd/. $1/glusterd/ && rm -f $1/glusterd/glusterd.info && "
        + "mount --bind $1/glusterd /var/lib/glusterd && mount --bind $1/glusterlog /var/log/glusterfs && mount -t tmpfs tmpfs /run";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly MirrorLab _lab;

    private GlusterTarget(MirrorLab lab) => _lab = lab;

    public string Name => "gluster";

    public string Folder => Mount;

    public string Scratch => _lab.Folder;

    /// <summary>Why it cannot be measured here; null when it can.</summary>
    public static string? Obstacle() => File.Exists(Program) ? null : $"{Program} is not installed (package glusterfs-server)";

    public static async Task<GlusterTarget> StartAsync(CancellationToken cancel)
    {
        var lab = await MirrorLab.CreateAsync(new MirrorOptions { WithPostgres = false });
        try
        {
            foreach (var node in lab.Nodes)
            {
                await Command.MustRunAsync(node.Machine.Inside("sh", "-c", Separate, "sh", node.Paths.Root));
                // It ends with its machine; nothing here has to hold on to it.
                _ = await Service.StartAsync(node.Machine, [Program, "--no-daemon"], Path.Combine(node.Paths.Root, "glusterd.out"));
            }

            await MakeVolumeAsync(lab, cancel);
            return new GlusterTarget(lab);
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public string[] Inside(params ReadOnlySpan<string> command) => _lab.Nodes[0].Machine.Inside(command);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static async Task MakeVolumeAsync(MirrorLab lab, CancellationToken cancel)
    {
        var (first, second) = (lab.Nodes[0], lab.Nodes[1]);
        await UntilAsync(first, ["gluster", "peer", "probe", second.Address4], _ => true, cancel);
        await UntilAsync(first, ["gluster", "pool", "list"], text => text.Split('\n').Count(line => line.Contains("Connected")) == 2, cancel);
        string[] create =
        [
            "gluster", "--mode=script", "volume", "create", "bench", "replica", "2",
            $"{first.Address4}:/srv/brick", $"{second.Address4}:/srv/brick", "force",
        ];
        await Command.MustRunAsync(first.Machine.Inside(create), timeout: _limit);
        await Command.MustRunAsync(first.Machine.Inside("gluster", "--mode=script", "volume", "start", "bench"), timeout: _limit);
        await Command.MustRunAsync(first.Machine.Inside("mount", "-t", "glusterfs", $"{first.Address4}:/bench", Mount), timeout: _limit);
    }

    private static async Task UntilAsync(MirrorNode node, string[] command, Func<string, bool> condition, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow + _limit;
        while (true)
        {
            var result = await Command.RunAsync(node.Machine.Inside(command), timeout: _limit);
            if (result.Ok && condition(result.Output))
                return;
            if (DateTime.UtcNow > deadline)
                throw new LabException($"'{string.Join(' ', command)}' gave nothing within {_limit.TotalSeconds} s: {result.Text}");
            await Task.Delay(200, cancel);
        }
    }
}
