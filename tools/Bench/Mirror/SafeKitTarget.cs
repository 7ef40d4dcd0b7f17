using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>A replicated directory on the primary of a real mirror: two safekitd in namespaces, a module without scripts.</summary>
internal sealed class SafeKitTarget : IBenchTarget
{
    private readonly MirrorLab _lab;
    private readonly FuseTransport _transport;

    private SafeKitTarget(string name, MirrorLab lab, FuseTransport transport)
    {
        Name = name;
        _lab = lab;
        _transport = transport;
    }

    public string Name { get; }

    public string Folder => _lab.Files.DataPath;

    public string Scratch => _lab.Folder;

    public static async Task<SafeKitTarget> StartAsync(MirrorVariant variant, CancellationToken cancel)
    {
        var lab = await MirrorLab.CreateAsync(new MirrorOptions
        {
            WithPostgres = false,
            Async = variant.Async,
            Wait = variant.Wait,
            ArtifactsFolder = variant.Artifacts,
        });
        var transport = FuseTransport.Set(variant.Uring);
        try
        {
            await lab.StartAsync(cancel);
            return new SafeKitTarget(variant.Name, lab, transport);
        }
        catch
        {
            await lab.DisposeAsync();
            transport.Dispose();
            throw;
        }
    }

    public string[] Inside(params ReadOnlySpan<string> command) => _lab.Nodes[0].Machine.Inside(command);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        _transport.Dispose();
    }
}
