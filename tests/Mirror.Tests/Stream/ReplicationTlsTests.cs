using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SafeKit.Core;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Stream;

public sealed class ReplicationTlsTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);
    private static readonly byte[] _key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] _otherKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public async Task TwoNodesOfOneClusterTalk()
    {
        using var primary = new ReplicationTls(_key, "n1", "n2");
        using var secondary = new ReplicationTls(_key, "n2", "n1");
        (Socket near, Socket far) = await ConnectedAsync();

        Task<ReplicationStream> accepting = primary.AcceptAsync(far, CancellationToken.None);
        await using ReplicationStream client = await secondary.ConnectAsync(near, CancellationToken.None).WaitAsync(_limit);
        await using ReplicationStream server = await accepting.WaitAsync(_limit);
        await client.WriteAsync("hello"u8.ToArray());
        byte[] read = new byte[5];
        await server.ReadExactlyAsync(read).AsTask().WaitAsync(_limit);

        Assert.Equal("hello"u8.ToArray(), read);
        Assert.Equal(SslProtocols.Tls13, server.SslProtocol);
        Assert.True(server.IsMutuallyAuthenticated && client.IsMutuallyAuthenticated);
    }

    [Fact]
    public async Task AnotherKeyIsRefusedOnBothSides()
    {
        using var primary = new ReplicationTls(_key, "n1", "n2");
        using var secondary = new ReplicationTls(_otherKey, "n2", "n1");

        (string near, string far) = await RefusalsAsync(secondary, primary);

        Assert.Contains("cluster key must be the same", near, StringComparison.Ordinal);
        Assert.Contains("cluster key", far, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherNameOfTheSameClusterIsRefusedByThePrimary()
    {
        using var primary = new ReplicationTls(_key, "n1", "n2");
        using var stranger = new ReplicationTls(_key, "n3", "n1");

        (string near, string far) = await RefusalsAsync(stranger, primary);

        Assert.Contains("it is n3, not n2", far, StringComparison.Ordinal);
        Assert.Contains("node names must be the same", near, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APrimaryOfAnotherNameIsRefusedByTheSecondary()
    {
        using var primary = new ReplicationTls(_key, "n3", "n2");
        using var secondary = new ReplicationTls(_key, "n2", "n1");

        (string near, _) = await RefusalsAsync(secondary, primary);

        Assert.Contains("it is n3, not n1", near, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n1", 1990, 2001, "n1", false)]
    [InlineData("n1", 9000, 9001, "n1", false)]
    [InlineData("n1", 1990, 9001, "n1", true)]
    [InlineData("n1.example", 1990, 9001, "n1", false)]
    [InlineData("N1", 1990, 9001, "n1", false)]
    [InlineData("näh_1 x", 1990, 9001, "näh_1 x", true)]
    public void ACertificateCountsForItsNameAndItsTimeOnly(string issued, int fromYear, int toYear, string expected, bool accepted)
    {
        using var authority = new ReplicationAuthority(_key);
        using var sameKey = new ReplicationAuthority(_key);
        using var otherKey = new ReplicationAuthority(_otherKey);
        using X509Certificate2 certificate = authority.Issue(issued, Year(fromYear), Year(toYear));

        Assert.Equal(accepted, sameKey.Refusal(certificate, expected) is null);
        Assert.NotNull(otherKey.Refusal(certificate, expected));
        Assert.NotNull(sameKey.Refusal(null, expected));
    }

    [Fact]
    public async Task GarbageIsRefused()
    {
        using var primary = new ReplicationTls(_key, "n1", "n2");
        (Socket near, Socket far) = await ConnectedAsync();
        using Socket garbage = near;
        Task<ReplicationStream> accepting = primary.AcceptAsync(far, CancellationToken.None);
        byte[] bytes = new byte[4096];
        new Random(3).NextBytes(bytes);
        await near.SendAsync(bytes);

        await Assert.ThrowsAsync<SafeKitException>(() => accepting.WaitAsync(_limit));
    }

    [Fact]
    public async Task AnEndThatSaysNothingIsGivenUpWhenToldSo()
    {
        using var primary = new ReplicationTls(_key, "n1", "n2");
        (Socket near, Socket far) = await ConnectedAsync();
        using Socket silent = near;
        using var cancel = new CancellationTokenSource();
        Task<ReplicationStream> accepting = primary.AcceptAsync(far, cancel.Token);
        cancel.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.WaitAsync(_limit));
    }

    /// <summary>Both refusals; the client of TLS 1.3 may only hear of the server's when it reads.</summary>
    private static async Task<(string Near, string Far)> RefusalsAsync(ReplicationTls client, ReplicationTls server)
    {
        (Socket near, Socket far) = await ConnectedAsync();
        Task<ReplicationStream> accepting = server.AcceptAsync(far, CancellationToken.None);
        Task<ReplicationStream> connecting = client.ConnectAsync(near, CancellationToken.None);
        SafeKitException nearRefusal = await Assert.ThrowsAsync<SafeKitException>(async () =>
        {
            await using ReplicationStream stream = await connecting.WaitAsync(_limit);
            await HelloExchange.ReceiveAsync(stream, _limit, CancellationToken.None);
        });
        SafeKitException farRefusal = await Assert.ThrowsAsync<SafeKitException>(async () =>
        {
            await using ReplicationStream stream = await accepting.WaitAsync(_limit);
            await HelloExchange.ReceiveAsync(stream, _limit, CancellationToken.None);
        });
        return (nearRefusal.Message, farRefusal.Message);
    }

    private static async Task<(Socket Near, Socket Far)> ConnectedAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task<Socket> accepting = listener.AcceptAsync();
        await near.ConnectAsync(listener.LocalEndPoint!);
        return (near, await accepting.WaitAsync(_limit));
    }

    private static DateTimeOffset Year(int year) => new(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
