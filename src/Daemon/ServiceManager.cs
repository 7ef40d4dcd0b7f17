using System.Diagnostics;
using SafeKit.Daemon.Native;

namespace SafeKit.Daemon;

/// <summary>
/// The service manager's side of the daemon's life: readiness, status text, watchdog (sd_notify(3)). Without a service
/// manager (no <c>NOTIFY_SOCKET</c>) every call does nothing.
/// </summary>
public sealed class ServiceManager : IDisposable
{
    private static readonly TimeSpan _askLimit = TimeSpan.FromSeconds(2);
    private readonly bool _present = Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 };
    private Timer? _watchdog;

    public void Ready(string status) => Notify($"READY=1\nSTATUS={status}");

    public void Stopping() => Notify("STOPPING=1");

    /// <summary>
    /// Feeds the watchdog at half its interval for as long as <paramref name="healthy"/> holds, so that a daemon whose
    /// work hangs is restarted even if its timer still runs.
    /// </summary>
    public void StartWatchdog(Func<bool> healthy)
    {
        if (!_present || SystemdLibrary.WatchdogEnabled(0, out var microseconds) <= 0)
            return;
        var interval = TimeSpan.FromMicroseconds(microseconds / 2.0);
        _watchdog = new Timer(
            _ =>
            {
                if (healthy())
                    Notify("WATCHDOG=1");
            },
            null,
            TimeSpan.Zero,
            interval);
    }

    /// <summary>
    /// Whether SIGTERM is to be followed by another daemon. Without a service manager it is not. Where systemd does not say, it is: then
    /// nothing that runs is disturbed, and if no daemon follows, the leases end by themselves.
    /// </summary>
    public bool IsRestarting()
    {
        if (!_present)
            return false;
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", ["list-jobs", "--no-legend", "--plain"])
            {
                RedirectStandardOutput = true,
            });
            var jobs = process?.StandardOutput.ReadToEndAsync();
            if (process is null || jobs is null || !jobs.Wait(_askLimit))
                return true;
            return !ServiceJob.IsStop(jobs.Result);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or AggregateException)
        {
            return true;
        }
    }

    public void Dispose() => _watchdog?.Dispose();

    private void Notify(string state)
    {
        if (_present)
            _ = SystemdLibrary.Notify(0, state);
    }
}
