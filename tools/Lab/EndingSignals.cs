using System.Runtime.InteropServices;

namespace SafeKit.Lab;

/// <summary>
/// Turns SIGINT, SIGTERM and SIGHUP into a cancellation, so that a lab is taken down in order. A second signal, or an
/// end that does not come (a terminal that takes no more output blocks whoever writes), ends the process at once: the
/// machines end with it all the same.
/// </summary>
public sealed class EndingSignals : IDisposable
{
    private const int ExitInterrupted = 130;

    private static readonly TimeSpan _orderlyEndLimit = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private Timer? _limit;

    public EndingSignals()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                End();
            }));
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _limit?.Dispose();
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void End()
    {
        if (_source.IsCancellationRequested)
            Environment.Exit(ExitInterrupted);
        _limit = new Timer(_ => Environment.Exit(ExitInterrupted), null, _orderlyEndLimit, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
