namespace SafeKit.Daemon;

/// <summary>
/// Keeps the host from acting on signals itself: on SIGTERM the modules leave first, while the control API still answers
/// (see <see cref="StopSignals"/>).
/// </summary>
public sealed class ManualLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
