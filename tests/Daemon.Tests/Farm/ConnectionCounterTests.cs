using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Daemon.Farm;
using SafeKit.Filter;

namespace SafeKit.Daemon.Tests.Farm;

public class ConnectionCounterTests
{
    private const ulong Seed = 7;

    [Theory]
    [InlineData("127.83.12.5")]
    [InlineData("::1")]
    public async Task CountsConnectionsButNotListeners(string text)
    {
        var address = IPAddress.Parse(text);
        using var listener = new TcpListener(address, 0);
        listener.Start();
        var port = (ushort)((IPEndPoint)listener.LocalEndpoint).Port;
        var counter = CounterOf(address, port);
        // The loopback address ::1 is shared with whatever else runs: only the difference counts.
        var before = counter.Count();
        using var client = new TcpClient(address.AddressFamily);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptSocketAsync();
        var after = counter.Count();
        Assert.True(after.Total > before.Total, $"{before.Total} connections before, {after.Total} after one was opened");
        Assert.DoesNotContain(before.Holding, bits => bits != 0);

        var remote = (IPEndPoint)accepted.RemoteEndPoint!;
        var bucket = (int)FilterHash.Bucket(Seed, remote.Address, (ushort)remote.Port, HashInput.AddressAndPort, 0);
        Assert.Equal(1 << (bucket & 7), after.Holding[bucket >> 3]);
        Assert.Equal(1, after.Holding.Count(bits => bits != 0));
    }

    /// <summary>A socket that listens for both families sees IPv4 as IPv6; the packets are IPv4.</summary>
    [Fact]
    public async Task CountsIpv4ConnectionsOfAnIpv6Listener()
    {
        var address = IPAddress.Parse("127.83.12.6");
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        var port = (ushort)((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync(address, port);
        using var accepted = await listener.AcceptSocketAsync();
        var count = CounterOf(address, port).Count();
        Assert.Equal(1, count.Total);
        Assert.Equal(1, count.Holding.Count(bits => bits != 0));
    }

    [Fact]
    public void AnAddressWithoutConnectionsHasNone() =>
        Assert.Equal(0, CounterOf(IPAddress.Parse("192.0.2.77"), 80).Count().Total);

    private static ConnectionCounter CounterOf(IPAddress address, ushort port)
    {
        FilterRule[] rules = [new(RuleProtocol.Tcp, port, HashInput.AddressAndPort, 0)];
        return new ConnectionCounter(new FilterPart("web", [new FilterAddress(address, "lo", default, rules)], ["g"]), Seed);
    }
}
