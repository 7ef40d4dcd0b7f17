using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SafeKit.Daemon.Cluster;

namespace SafeKit.Daemon.Tests.Cluster;

public class SealedStreamTests
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);
    private static readonly CancellationToken s_soon = new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    [Fact]
    public async Task AQuestionAndItsAnswerArrive()
    {
        var (asking, answering) = await OpenAsync(s_key, s_key);
        await asking.SendQuestionAsync("who leads?"u8.ToArray(), s_soon);
        Assert.Equal("who leads?"u8.ToArray(), await answering.ReceiveQuestionAsync(s_soon));
        await answering.SendAnswerAsync("node1"u8.ToArray(), s_soon);
        Assert.Equal("node1"u8.ToArray(), await asking.ReceiveAnswerAsync(s_soon));
    }

    [Fact]
    public async Task AnotherKeyIsNoticed()
    {
        var (asking, answering) = await OpenAsync(s_key, RandomNumberGenerator.GetBytes(32));
        await asking.SendQuestionAsync("who leads?"u8.ToArray(), s_soon);
        await Assert.ThrowsAsync<AuthenticationTagMismatchException>(() => answering.ReceiveQuestionAsync(s_soon));
    }

    [Fact]
    public async Task AQuestionCannotBePlayedBackAsAnAnswer()
    {
        var (client, server) = await ConnectAsync();
        var opening = SealedStream.OpenAsync(client, s_key, asks: true, s_soon);
        var random = new byte[32];
        await server.ReadExactlyAsync(random, s_soon);
        await server.WriteAsync(random, s_soon);
        var asking = await opening;
        await asking.SendQuestionAsync("who leads?"u8.ToArray(), s_soon);
        var echoed = new byte[4 + 10 + 16];
        await server.ReadExactlyAsync(echoed, s_soon);
        await server.WriteAsync(echoed, s_soon);
        await Assert.ThrowsAsync<AuthenticationTagMismatchException>(() => asking.ReceiveAnswerAsync(s_soon));
    }

    [Fact]
    public async Task AHugeLengthIsRefusedBeforeAnythingIsAllocated()
    {
        var (client, server) = await ConnectAsync();
        var opening = SealedStream.OpenAsync(server, s_key, asks: false, s_soon);
        await client.WriteAsync(new byte[32], s_soon);
        var answering = await opening;
        await client.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f }, s_soon);
        await Assert.ThrowsAsync<InvalidDataException>(() => answering.ReceiveQuestionAsync(s_soon));
    }

    private static async Task<(SealedStream Asking, SealedStream Answering)> OpenAsync(byte[] askingKey, byte[] answeringKey)
    {
        var (client, server) = await ConnectAsync();
        var asking = SealedStream.OpenAsync(client, askingKey, asks: true, s_soon);
        var answering = SealedStream.OpenAsync(server, answeringKey, asks: false, s_soon);
        return (await asking, await answering);
    }

    private static async Task<(NetworkStream Client, NetworkStream Server)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint, s_soon);
        return (new NetworkStream(client, true), new NetworkStream(await listener.AcceptSocketAsync(s_soon), true));
    }
}
