using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SafeKit.Daemon.Cluster;

namespace SafeKit.Daemon.Tests.Cluster;

public class SealedStreamTests
{
    private static readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private static readonly CancellationToken _soon = new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    [Fact]
    public async Task AQuestionAndItsAnswerArrive()
    {
        var (asking, answering) = await OpenAsync(_key, _key);
        await asking.SendQuestionAsync("who leads?"u8.ToArray(), _soon);
        Assert.Equal("who leads?"u8.ToArray(), await answering.ReceiveQuestionAsync(_soon));
        await answering.SendAnswerAsync("node1"u8.ToArray(), _soon);
        Assert.Equal("node1"u8.ToArray(), await asking.ReceiveAnswerAsync(_soon));
    }

    [Fact]
    public async Task AnotherKeyIsNoticed()
    {
        var (asking, answering) = await OpenAsync(_key, RandomNumberGenerator.GetBytes(32));
        await asking.SendQuestionAsync("who leads?"u8.ToArray(), _soon);
        await Assert.ThrowsAsync<AuthenticationTagMismatchException>(() => answering.ReceiveQuestionAsync(_soon));
    }

    [Fact]
    public async Task AQuestionCannotBePlayedBackAsAnAnswer()
    {
        var (client, server) = await ConnectAsync();
        var opening = SealedStream.OpenAsync(client, _key, asks: true, _soon);
        var random = new byte[32];
        await server.ReadExactlyAsync(random, _soon);
        await server.WriteAsync(random, _soon);
        var asking = await opening;
        await asking.SendQuestionAsync("who leads?"u8.ToArray(), _soon);
        var echoed = new byte[4 + 10 + 16];
        await server.ReadExactlyAsync(echoed, _soon);
        await server.WriteAsync(echoed, _soon);
        await Assert.ThrowsAsync<AuthenticationTagMismatchException>(() => asking.ReceiveAnswerAsync(_soon));
    }

    [Fact]
    public async Task AHugeLengthIsRefusedBeforeAnythingIsAllocated()
    {
        var (client, server) = await ConnectAsync();
        var opening = SealedStream.OpenAsync(server, _key, asks: false, _soon);
        await client.WriteAsync(new byte[32], _soon);
        var answering = await opening;
        await client.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f }, _soon);
        await Assert.ThrowsAsync<InvalidDataException>(() => answering.ReceiveQuestionAsync(_soon));
    }

    private static async Task<(SealedStream Asking, SealedStream Answering)> OpenAsync(byte[] askingKey, byte[] answeringKey)
    {
        var (client, server) = await ConnectAsync();
        var asking = SealedStream.OpenAsync(client, askingKey, asks: true, _soon);
        var answering = SealedStream.OpenAsync(server, answeringKey, asks: false, _soon);
        return (await asking, await answering);
    }

    private static async Task<(NetworkStream Client, NetworkStream Server)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint, _soon);
        return (new NetworkStream(client, true), new NetworkStream(await listener.AcceptSocketAsync(_soon), true));
    }
}
