namespace SafeKit.Mirror.Tests.Support;

/// <summary>
/// The kernel offers io_uring to mounts that are made while this lives. Where it cannot, the tests run over the device once more; TransportTests
/// says so.
/// </summary>
public sealed class OverIoUring : IDisposable
{
    public const string Parameter = "/sys/module/fuse/parameters/enable_uring";

    private readonly string? _before;

    public OverIoUring()
    {
        if (MountFactAttribute.Obstacle is not null || !File.Exists(Parameter))
            return;
        _before = File.ReadAllText(Parameter).Trim();
        File.WriteAllText(Parameter, "Y");
    }

    public void Dispose()
    {
        if (_before is not null)
            File.WriteAllText(Parameter, _before);
    }
}
