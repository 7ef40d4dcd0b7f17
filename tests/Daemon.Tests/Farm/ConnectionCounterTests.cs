using System.Net;
using System.Net.Sockets;
using SafeKit.Daemon.Farm;

namespace SafeKit.Daemon.Tests.Farm;

public class ConnectionCounterTests
{
    [Theory]
    [InlineData("127.83.12.5")]
    [InlineData("::1")]
    public async Task CountsConnectionsButNotListeners(string text)
    {
        var address = IPAddress.Parse(text);
        using var listener = new TcpListener(address, 0);
        listener.Start();
        // The loopback address ::1 is shared with whatever else runs: only the difference counts.
        var before = ConnectionCounter.Count([address]);
        using var client = new TcpClient(address.AddressFamily);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptSocketAsync();
        var after = ConnectionCounter.Count([address]);
        Assert.True(after > before, $"{before} connections before, {after} after one was opened");
    }

    [Fact]
    public void AnAddressWithoutConnectionsHasNone() =>
        Assert.Equal(0, ConnectionCounter.Count([IPAddress.Parse("192.0.2.77"), IPAddress.Parse("2001:db8::77")]));
}
