using System.Net;
using System.Net.Sockets;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>A wire between two nodes on loopback that can be cut, and mended.</summary>
internal sealed class CuttableWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _far;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private bool _isCut;

    public CuttableWire(IPEndPoint far)
    {
        _far = far;
        _listener.Start();
        Near = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    public IPEndPoint Near { get; }

    /// <summary>Ends what is open; nothing is let through until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        lock (_open)
        {
            _isCut = true;
            foreach (Socket socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }

    public void Mend()
    {
        lock (_open)
            _isCut = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _ = CarryAsync(near);
        }
    }

    private async Task CarryAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await far.ConnectAsync(_far);
            far.NoDelay = near.NoDelay = true;
            lock (_open)
            {
                if (_isCut)
                    throw new SocketException((int)SocketError.ConnectionReset);
                _open.Add(near);
                _open.Add(far);
            }

            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (SocketException)
        {
            // The other end sees it end.
        }
        finally
        {
            near.Dispose();
            far.Dispose();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;)
                await to.SendAsync(buffer.AsMemory(0, read));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
