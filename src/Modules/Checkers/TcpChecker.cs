using System.Net;
using System.Net.Sockets;

namespace SafeKit.Modules;

/// <summary>
/// Connects to a port again and again and reports what it finds. The first check is immediate. Until the first success
/// it retries quickly and says <c>init</c>, for as long as one timeout: a service that has just been started may
/// need a moment, and must not be restarted for that. Reports only changes, always in order, never two at a time.
/// </summary>
public sealed class TcpChecker(TcpCheckerConfiguration configuration, Action<Resource> report, TimeProvider? clock = null)
{
    private static readonly TimeSpan _firstRetry = TimeSpan.FromMilliseconds(200);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private Resource _resource = new(configuration.Resource, ResourceValue.Init, default, "not checked yet");
    private bool _isTold;

    public Resource Current => Volatile.Read(ref _resource);

    /// <summary>
    /// Runs until cancelled; completes then without an exception. A checker runs once: make a new one to start
    /// again. Nothing else ends it: a checker that died in silence would leave the last value standing for ever.
    /// </summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var start = _clock.GetTimestamp();
        Report(ResourceValue.Init, "not checked yet");
        try
        {
            while (true)
            {
                var failure = await CheckAsync(cancel).ConfigureAwait(false);
                cancel.ThrowIfCancellationRequested();
                var isYoung = Current.Value == ResourceValue.Init && _clock.GetElapsedTime(start) < configuration.Timeout;
                if (failure is null)
                    Report(ResourceValue.Up, $"connected to {Target}");
                else if (!isYoung)
                    Report(ResourceValue.Down, failure);
                await PauseAsync(cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    private TimeSpan Pause => LongestTime.Clamp(
        Current.Value == ResourceValue.Init && _firstRetry < configuration.Interval ? _firstRetry : configuration.Interval);

    private async Task PauseAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Pause, _clock, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Report(ResourceValue.Down, Unexpected(e));
            await Task.Delay(_firstRetry, cancel).ConfigureAwait(false);
        }
    }

    private string Target => configuration.Addr.Contains(':')
        ? $"[{configuration.Addr.Trim('[', ']')}]:{configuration.Port}"
        : $"{configuration.Addr}:{configuration.Port}";

    /// <returns>null when the connection was made, else why not.</returns>
    private async Task<string?> CheckAsync(CancellationToken cancel)
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestTime.Clamp(configuration.Timeout), _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
            await ConnectAsync(both.Token).ConfigureAwait(false);
            return null;
        }
        catch (SocketException e)
        {
            return $"{Target}: {Describe(e)}";
        }
        catch (OperationCanceledException)
        {
            return $"{Target}: no answer within {configuration.Timeout.TotalSeconds:0.###} s";
        }
        catch (Exception e)
        {
            return Unexpected(e);
        }
    }

    private string Unexpected(Exception e) => $"{Target}: the check failed: {e.GetType().Name}: {e.Message}";

    private async Task<IPAddress[]> ResolveAsync(CancellationToken cancel)
    {
        var host = configuration.Addr.Trim('[', ']');
        try
        {
            return IPAddress.TryParse(host, out var literal)
                ? [literal]
                : await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            throw new SocketException((int)SocketError.HostNotFound); // no name server would be asked for such a name
        }
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        SocketException? last = null;
        foreach (var address in await ResolveAsync(cancel).ConfigureAwait(false))
        {
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(new IPEndPoint(address, configuration.Port), cancel).ConfigureAwait(false);

                // On one host a connection may meet itself when its own port happens to be the one that nobody listens on.
                if (!Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
                    return;
                last = new SocketException((int)SocketError.ConnectionRefused);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static string Describe(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused, nothing listens there",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name cannot be resolved",
        SocketError.TimedOut => "no answer",
        _ => e.Message,
    };

    private void Report(ResourceValue value, string reason)
    {
        var old = Current;
        if (old.Value == value && _isTold)
            return;
        var next = new Resource(configuration.Resource, value, _clock.GetUtcNow(), reason);
        Volatile.Write(ref _resource, next);
        _isTold = false;
        try
        {
            report(next);
            _isTold = true;
        }
        catch (Exception)
        {
            // Who listens may fail for a moment: the checker goes on, and tells it again after the next check.
        }
    }
}
