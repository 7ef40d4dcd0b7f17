using SafeKit.Lab;

namespace SafeKit.Bench.Mirror;

/// <summary>The machine's parameter fuse.enable_uring, set as long as this lives. It holds for mounts made meanwhile.</summary>
internal sealed class FuseTransport : IDisposable
{
    private const string Parameter = "/sys/module/fuse/parameters/enable_uring";

    private readonly string? _before;

    private FuseTransport(string? before) => _before = before;

    /// <param name="uring">Null leaves it as it is.</param>
    /// <exception cref="LabException">The kernel has no such parameter.</exception>
    public static FuseTransport Set(bool? uring)
    {
        if (uring is not { } wanted)
            return new FuseTransport(null);
        try
        {
            var transport = new FuseTransport(File.ReadAllText(Parameter).Trim());
            File.WriteAllText(Parameter, wanted ? "Y" : "N");
            return transport;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"{Parameter} cannot be set, so the transport of FUSE cannot be chosen: {e.Message}");
        }
    }

    public void Dispose()
    {
        if (_before is not null)
            File.WriteAllText(Parameter, _before);
    }
}
