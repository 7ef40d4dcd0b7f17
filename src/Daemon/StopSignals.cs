using System.Runtime.InteropServices;

namespace SafeKit.Daemon;

/// <summary>
/// What ends the daemon: a failure that makes going on unsafe, or a signal. SIGINT stops everything in good order, SIGHUP leaves
/// everything for the next daemon, and of SIGTERM the service manager knows what it means.
/// </summary>
public sealed class StopSignals : IDisposable
{
    private static readonly Dictionary<PosixSignal, DaemonEnd> _meanings = new()
    {
        [PosixSignal.SIGINT] = DaemonEnd.Leave,
        [PosixSignal.SIGHUP] = DaemonEnd.HandOver,
        [PosixSignal.SIGTERM] = DaemonEnd.AskServiceManager,
    };

    private readonly TaskCompletionSource<(string Reason, DaemonEnd End)> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations = [.. _meanings.Keys.Select(s => PosixSignalRegistration.Create(s, OnSignal))];

    public Task<(string Reason, DaemonEnd End)> Stopped => _stopped.Task;

    public void Fail(string reason) => _stopped.TrySetResult((reason, DaemonEnd.Failed));

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _stopped.TrySetResult(($"{context.Signal} received", _meanings[context.Signal]));
    }
}
