using System.Runtime.InteropServices;

namespace SafeKit.Daemon;

/// <summary>What ends the daemon: a signal (exit 0) or a failure that makes going on unsafe (exit 1).</summary>
public sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<(string Reason, int ExitCode)> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() =>
        _registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT }.Select(s => PosixSignalRegistration.Create(s, OnSignal))];

    public Task<(string Reason, int ExitCode)> Stopped => _stopped.Task;

    public void Fail(string reason) => _stopped.TrySetResult((reason, 1));

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _stopped.TrySetResult(($"{context.Signal} received", 0));
    }
}
