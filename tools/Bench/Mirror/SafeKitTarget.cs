using SafeKit.Lab.Mirror;

namespace SafeKit.Bench.Mirror;

/// <summary>A replicated directory on the primary of a real mirror: two safekitd in namespaces, a module without scripts.</summary>
internal sealed class SafeKitTarget : IBenchTarget
{
    private readonly MirrorLab _lab;

    private SafeKitTarget(string name, MirrorLab lab)
    {
        Name = name;
        _lab = lab;
    }

    public string Name { get; }

    public string Folder => _lab.Files.DataPath;

    public string Scratch => _lab.Folder;

    public static async Task<SafeKitTarget> StartAsync(string barrier, string wait, CancellationToken cancel)
    {
        var lab = await MirrorLab.CreateAsync(new MirrorOptions { WithPostgres = false, Async = barrier, Wait = wait });
        try
        {
            await lab.StartAsync(cancel);
            return new SafeKitTarget($"mirror_{barrier}_{wait}", lab);
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public string[] Inside(params ReadOnlySpan<string> command) => _lab.Nodes[0].Machine.Inside(command);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();
}
