using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Filter;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// Announces the addresses that this node answers for: at once, soon again, for an announcement may be lost, and from time to time, for a
/// switch may be exchanged. Silent while the lease has ended.
/// </summary>
public sealed class AddressAnnouncer(IReadOnlyList<FilterAddress> addresses, Func<bool> answers, ModuleLog log)
{
    private static readonly TimeSpan[] _first =
    [
        TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(1500), TimeSpan.FromSeconds(5),
    ];

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);
    private string _problem = "";

    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            for (var i = 0; !cancel.IsCancellationRequested; i++)
            {
                await Task.Delay(i < _first.Length ? _first[i] : _interval, cancel);
                if (answers())
                    Announce();
            }
        }
        catch (OperationCanceledException)
        {
            // The address has been given up.
        }
    }

    private void Announce()
    {
        try
        {
            AddressAnnouncement.Send(addresses);
            _problem = "";
        }
        catch (SafeKitException e)
        {
            // A cable that is out: the address is announced again once it is back. The same problem is one line.
            if (_problem != e.Message)
                log.Event("vip", e.Message);
            _problem = e.Message;
        }
    }
}
