using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SafeKit.Daemon.Farm;
using SafeKit.Daemon.Logging;
using SafeKit.Filter;

namespace SafeKit.Daemon.Tests.Farm;

/// <summary>tcpreset on real sockets: what has the address is reset, and nothing else.</summary>
public sealed class ConnectionResetTests
{
    [Theory]
    [InlineData("127.83.13.5", false)]
    [InlineData("127.83.13.6", true)]
    public async Task ResetsWhatHasTheAddressAndNoListener(string text, bool isDual)
    {
        var address = IPAddress.Parse(text);
        using var listener = new TcpListener(isDual ? IPAddress.IPv6Any : IPAddress.Any, 0);
        if (isDual)
            listener.Server.DualMode = true;
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = await ConnectAsync(address, port);
        using var served = await listener.AcceptSocketAsync();
        using var foreigner = await ConnectAsync(IPAddress.Parse("127.83.13.77"), port);
        using var servedForeigner = await listener.AcceptSocketAsync();

        Assert.Equal(1, Reset(address));
        var failure = await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        await servedForeigner.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await foreigner.ReceiveAsync(new byte[1]));
        using var later = await ConnectAsync(address, port);
        using var servedLater = await listener.AcceptSocketAsync();
        Assert.Equal(1, Reset(address));
        Assert.Equal(0, Reset(address));
    }

    private static async Task<Socket> ConnectAsync(IPAddress address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, port);
        return socket;
    }

    private static int Reset(IPAddress address)
    {
        var folder = Directory.CreateTempSubdirectory("safekit-reset-");
        try
        {
            using var log = new ModuleLog("web", folder.FullName, NullLogger.Instance);
            return ConnectionReset.Run([new FilterAddress(address, "lo", default, [])], log);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
