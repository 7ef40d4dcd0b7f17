using SafeKit.Lab.Isolation;

namespace SafeKit.Bench.Mirror;

/// <summary>A plain directory of this machine's disk: what everything is compared with.</summary>
internal sealed class NativeTarget(string name) : IBenchTarget
{
    private readonly LabFolder _folder = LabFolder.Create("/var/tmp");

    public string Name => name;

    public string Folder => Scratch;

    public string Scratch => _folder.Path;

    public string[] Inside(params ReadOnlySpan<string> command) => command.ToArray();

    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}
