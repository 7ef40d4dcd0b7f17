using System.Net;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// A client's requests to the virtual address at a steady rate, each on a new connection. One thread in the client's
/// namespace makes the sockets; the rest of a request runs on the pool.
/// </summary>
public sealed class ClientLoad : IAsyncDisposable
{
    private static readonly TimeSpan _threadEndLimit = TimeSpan.FromSeconds(5);

    private readonly LabClient _client;
    private readonly LoadOptions _options;
    private readonly Thread _thread;
    private volatile bool _ending;
    private int _pending;

    public ClientLoad(LabClient client, LoadOptions options)
    {
        _client = client;
        _options = options;
        _thread = client.Network.StartThread($"load-{client.Name}", Send);
    }

    public LoadStatistics Statistics { get; } = new();

    public string Client => _client.Name;

    /// <summary>Ends sending and waits for the requests under way.</summary>
    public async ValueTask DisposeAsync()
    {
        _ending = true;
        _thread.Join(_threadEndLimit);
        var deadline = DateTime.UtcNow + _options.Timeout + _threadEndLimit;
        while (Volatile.Read(ref _pending) > 0 && DateTime.UtcNow < deadline)
            await Task.Delay(5);
    }

    private void Send()
    {
        var pacer = new Pacer(1_000_000_000L / _options.RequestsPerSecond);
        for (var count = 1L; !_ending; count++)
        {
            pacer.WaitForNext();
            if (Volatile.Read(ref _pending) >= _options.PendingMax)
                continue;
            var target = _options.EveryNthIPv6 > 0 && count % _options.EveryNthIPv6 == 0 ? LabAddresses.Web6 : LabAddresses.Web4;
            _ = RequestAsync(target);
        }
    }

    // Up to its first await this runs on the sending thread, so the socket belongs to the client's namespace.
    private async Task RequestAsync(IPEndPoint target)
    {
        Interlocked.Increment(ref _pending);
        Statistics.CountSent();
        try
        {
            var socket = HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0);
            Statistics.Add(await HttpExchange.RunAsync(socket, target, _options.Timeout));
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }
}
